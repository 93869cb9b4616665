import { Module } from '@nestjs/common';
import { RelayWorker } from './relay-worker.js';
import { TimelineModule } from './timeline.module.js';

/** The loop of the timeline, for the worker role. */
@Module({ imports: [TimelineModule], providers: [RelayWorker] })
export class TimelineWorkerModule {}
