export * from './lane.js';
export {
  LaneQueue,
  leastValiditySeconds,
  type GraceReturn,
  type IntendedRow,
  type IntentKey,
  type IntentRequest,
  type Outcome,
  type PageRequest,
  type QueuedRow,
  type SettledRow,
} from './lane-queue.js';
export { QueueDepth } from './queue-depth.js';
export { QueueModule } from './queue.module.js';
export { QueueRows, type LockedQueueRow, type MessageKey } from './queue-rows.js';
