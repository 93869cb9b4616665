export { ProcessIdentity } from './process-identity.js';
export { productVersion } from './product-version.js';
