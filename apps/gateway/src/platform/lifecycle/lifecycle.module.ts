// Owns no table. Offers `Startup` and `Drain` to every module. Calls nobody.
import { Global, Module } from '@nestjs/common';
import { Drain } from './drain.js';
import { Startup } from './startup.js';

@Global()
@Module({ providers: [Drain, Startup], exports: [Drain, Startup] })
export class LifecycleModule {}
