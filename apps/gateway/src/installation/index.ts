export { InstallationApiModule } from './installation-api.module.js';
export { InstallationModule } from './installation.module.js';
export { RestoredWork, type RestoredReport, type RestoredSpan } from './restored-work.js';
export { WrongRestoredSpan } from './restored-work.errors.js';
