export {
  Deadline,
  DeadlinePassed,
  remainingMs,
  withDeadline,
  withinDeadline,
  withoutDeadline,
} from './deadline.js';
