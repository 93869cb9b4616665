export { InboundMessageDto } from './dto/inbound-message.dto.js';
export { InboundMessageReader } from './inbound-message-reader.js';
export { showInbound, type InboundMessage } from './inbound-message.js';
export { ReceiptsApiModule } from './receipts-api.module.js';
export { ReceiptsWorkerModule } from './receipts-worker.module.js';
