export { CryptoModule } from './crypto.module.js';
export { canonicalHash, fingerprint, sha256 } from './digest.js';
export { Mac } from './mac.js';
export { MasterKeyMissing, MasterKeyWrong, SealBroken, Vault } from './vault.js';
