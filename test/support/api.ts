import { adminToken } from './secrets.js';

export interface TestTenant {
  readonly id: string;
  readonly apiKey: string;
  readonly accountId: string;
}

/** A tenant with a key and one account, made over the REST API. */
export async function createTenant(
  gateway: { readonly url: string },
  account: Readonly<Record<string, unknown>> = {},
  name = 'Test tenant',
): Promise<TestTenant> {
  const tenant = await asOperator(gateway, '/admin/tenants', { name });
  const token = tenant.api_key ?? '';
  const created = await create<{ id: string }>(gateway, '/v1/accounts', token, {
    name: 'Test account',
    provider_key: `key-${tenant.id}`,
    default_sender: 'Tyrian',
    default_category: 'transactional',
    ...account,
  });
  return { id: tenant.id, apiKey: token, accountId: created.id };
}

/** Tenants with one account each on a new connection of the operator's, one for each weight. */
export async function createSharingTenants(
  gateway: { readonly url: string },
  shared: { readonly providerKey: string; readonly maxPerSecond: number },
  weights: readonly number[],
): Promise<TestTenant[]> {
  const connection = await asOperator(gateway, '/admin/connections', {
    name: 'Shared',
    provider_key: shared.providerKey,
    max_per_second: shared.maxPerSecond,
  });
  const tenants: TestTenant[] = [];
  for (const weight of weights) {
    const tenant = await asOperator(gateway, '/admin/tenants', { name: `Of weight ${weight}` });
    const account = await asOperator(gateway, `/admin/tenants/${tenant.id}/accounts`, {
      connection_id: connection.id,
      name: 'Managed',
      senders: ['Tyrian'],
      default_sender: 'Tyrian',
      default_category: 'transactional',
      weight,
    });
    tenants.push({ id: tenant.id, apiKey: tenant.api_key ?? '', accountId: account.id });
  }
  return tenants;
}

function asOperator(gateway: { readonly url: string }, path: string, body: unknown) {
  return create<{ id: string; api_key?: string }>(gateway, path, adminToken, body);
}

function create<Created>(
  gateway: { readonly url: string },
  path: string,
  token: string,
  body: unknown,
): Promise<Created> {
  return callAgain<Created>(gateway, 'POST', path, { token, body, expect: 201 });
}

/** The same as `call` by somebody who comes again on 503: nothing was done. */
export async function callAgain<Body>(
  gateway: { readonly url: string },
  method: string,
  path: string,
  options: Parameters<typeof call>[3],
  onRefusal: () => void = () => undefined,
): Promise<Body> {
  for (let triesLeft = 10; ; triesLeft -= 1) {
    try {
      return await call<Body>(gateway, method, path, options);
    } catch (error) {
      const nothingWasDone =
        String(error).includes('answered 503') && !String(error).includes('outcome_unknown');
      if (triesLeft <= 1 || !nothingWasDone) throw error;
    }
    onRefusal();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

/** One request; throws where the status is not the expected one. */
export async function call<Body = Record<string, unknown>>(
  gateway: { readonly url: string },
  method: string,
  path: string,
  options: {
    token?: string;
    body?: unknown;
    headers?: Record<string, string>;
    expect?: number;
  } = {},
): Promise<Body> {
  const response = await fetch(gateway.url + path, {
    method,
    headers: {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const text = await response.text();
  if (options.expect !== undefined && response.status !== options.expect) {
    throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  }
  return (text === '' ? undefined : JSON.parse(text)) as Body;
}
