export { Loop, type LoopOptions } from './loop.js';
