export { DropinApiModule } from './dropin-api.module.js';
