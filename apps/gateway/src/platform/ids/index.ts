export { Ids } from './ids.js';
export { expandId, readId, shortenId, showId, type IdPrefix } from './shown-id.js';
