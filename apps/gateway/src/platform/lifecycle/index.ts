export { Drain } from './drain.js';
export { LifecycleModule } from './lifecycle.module.js';
export { Startup } from './startup.js';
export { stopOnSignal } from './stop-signals.js';
