import { chownSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { Api } from './api.mjs';
import { Stopped } from './stopped.mjs';

/**
 * Gives the installation a tenant with an account and a key, once: what an earlier start made and
 * the gateway still knows is used again.
 *
 * @param {{ baseUrl: string, adminToken: string, fixedApiKey: string | null, known: object }} options
 * @returns {Promise<{ tenantId: string, accountId: string, apiKey: string, isNew: boolean }>}
 */
export async function provideDemoTenant({ baseUrl, adminToken, fixedApiKey, known }) {
  const knownKey = fixedApiKey ?? known.api_key;
  if (typeof knownKey === 'string' && typeof known.account_id === 'string') {
    const account = await new Api({ baseUrl, token: knownKey }).find(
      `/v1/accounts/${known.account_id}`,
    );
    if (account !== null) {
      const { tenant_id: tenantId, account_id: accountId } = known;
      return { tenantId, accountId, apiKey: knownKey, isNew: false };
    }
  }

  const operator = new Api({ baseUrl, token: adminToken });
  const tenant =
    (await tenantOfFixedKey(operator, fixedApiKey)) ??
    (await operator.post('/admin/tenants', { name: 'Demo' }));
  const apiKey = fixedApiKey ?? tenant.api_key;
  const demo = new Api({ baseUrl, token: apiKey });
  const { data: accounts } = await demo.get('/v1/accounts');
  const account =
    accounts.find(({ name }) => name === 'Demo') ??
    (await demo.post('/v1/accounts', {
      name: 'Demo',
      provider_key: 'demo-provider-key',
      senders: ['Tyrian Demo'],
      default_sender: 'Tyrian Demo',
      default_category: 'transactional',
    }));
  return { tenantId: tenant.id, accountId: account.id, apiKey, isNew: true };
}

/** DEV_API_KEY belongs to the oldest tenant, as soon as there is one. */
async function tenantOfFixedKey(operator, fixedApiKey) {
  if (fixedApiKey === null) return null;
  let oldest = null;
  let page = '/admin/tenants?limit=500';
  while (page !== null) {
    const { data, next_cursor: cursor } = await operator.get(page);
    for (const tenant of data) if (oldest === null || tenant.id < oldest.id) oldest = tenant;
    page = cursor === null ? null : `/admin/tenants?limit=500&cursor=${cursor}`;
  }
  return oldest;
}

/** @returns {object} empty when there is none that can be read. */
export function readRecord(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) ?? {};
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return {};
    throw new Stopped(
      `${file} cannot be read (${error.code}): give it to this user, or move it away.`,
    );
  }
}

export function writeRecord(file, record) {
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  const previous = statSync(file, { throwIfNoEntry: false });
  if (previous !== undefined && process.getuid?.() === 0) {
    chownSync(draft, previous.uid, previous.gid);
  }
  renameSync(draft, file);
}
