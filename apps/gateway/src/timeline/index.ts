export { OutboxRelay, type OutboxConsumer, type RelayedEvent } from './outbox-relay.js';
export { TimelineModule } from './timeline.module.js';
export { TimelineWorkerModule } from './timeline-worker.module.js';
