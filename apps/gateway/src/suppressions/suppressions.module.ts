import { Module } from '@nestjs/common';
import { OptOuts } from './opt-outs.js';

/**
 * Owns: suppressions, stop_words.
 * Offers: OptOuts, to whoever stores a reply; the accepting statement reads suppressions by itself.
 * Calls: platform.
 */
@Module({ providers: [OptOuts], exports: [OptOuts] })
export class SuppressionsModule {}
