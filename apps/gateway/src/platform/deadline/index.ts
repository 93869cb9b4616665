export {
  Deadline,
  DeadlinePassed,
  remainingMs,
  withinDeadline,
  withoutDeadline,
} from './deadline.js';
