export { OutboundClient, type OutboundEnd, type OutboundPost } from './outbound-client.js';
export { OutboundGuard } from './outbound-guard.js';
export { UrlNotAllowed } from './outbound.errors.js';
export { OutboundModule } from './outbound.module.js';
