export type { OutboxConsumer, RelayedEvent } from './outbox-relay.js';
export { TimelineWorkerModule } from './timeline-worker.module.js';
