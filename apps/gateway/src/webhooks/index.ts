export { WebhookEndpoint } from './webhook-endpoint.entity.js';
export { WebhookLine } from './webhook-line.entity.js';
export { WebhookSecret } from './webhook-secret.entity.js';
export { WebhooksApiModule } from './webhooks-api.module.js';
export { WebhooksWorkerModule } from './webhooks-worker.module.js';
