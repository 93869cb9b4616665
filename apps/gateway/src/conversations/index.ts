export { ConversationsApiModule } from './conversations-api.module.js';
