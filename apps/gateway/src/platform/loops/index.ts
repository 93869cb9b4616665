export { Looks, secondsBack, type LookFrom, type LookOutcome } from './look.js';
export { Loop, type LoopOptions } from './loop.js';
