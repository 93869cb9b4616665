export { EventsApiModule } from './events-api.module.js';
