/** What an operator of a gateway under test signs in with, and what its secrets are sealed with. */
export const adminToken = 'test-admin-token-0123456789abcdef0123456789';
export const masterKey = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
