export { LanesModule } from './lanes.module.js';
export { pollShare } from './lane-state.js';
export { socketsForPolls, socketsForQuestions } from './spare-sockets.js';
