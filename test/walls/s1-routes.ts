/** What a tenant has, by name: ids as the API shows them. */
export interface Belongings {
  readonly account: string;
  readonly message: string;
  readonly apiKey: string;
  readonly suppression: string;
  readonly conversation: string;
  readonly endpoint: string;
  readonly delivery: string;
}

/**
 * How a route is tried by somebody else.
 * `names`: it names an object of the tenant, and must answer as if there were none.
 * `own`: it names nothing, and must show nothing of the tenant; `isBare` where others have nothing there at all.
 */
export type Route =
  | {
      readonly kind: 'own';
      readonly path?: string;
      /** A text is sent as CSV. */
      readonly body?: unknown;
      readonly isBare?: true;
    }
  | {
      readonly kind: 'names';
      readonly path?: (of: Belongings) => string;
      readonly body?: (of: Belongings) => unknown;
    };

const since = () => new Date(Date.now() - 3_600_000).toISOString();
const until = () => new Date().toISOString();

const text = { recipient: '+380671234567', text: 'Hello', category: 'transactional' };

/** Every operation that an API key opens, by its id in the OpenAPI file. One that is not here fails the test. */
export const routes: Readonly<Record<string, Route | readonly Route[]>> = {
  listApiKeys: { kind: 'own' },
  createApiKey: {
    kind: 'names',
    body: ({ account }) => ({ name: 'x', scopes: ['messages:send'], account_ids: [account] }),
  },
  getApiKey: { kind: 'names', path: ({ apiKey }) => `/v1/api-keys/${apiKey}` },
  rotateApiKey: { kind: 'names', path: ({ apiKey }) => `/v1/api-keys/${apiKey}/rotate` },
  revokeApiKey: { kind: 'names', path: ({ apiKey }) => `/v1/api-keys/${apiKey}/revoke` },
  listAuditLog: { kind: 'own' },
  listAccounts: { kind: 'own' },
  createAccount: { kind: 'own', body: { name: 'x', provider_key: 'key-of-another' } },
  getAccount: { kind: 'names', path: ({ account }) => `/v1/accounts/${account}` },
  updateAccount: {
    kind: 'names',
    path: ({ account }) => `/v1/accounts/${account}`,
    body: () => ({ name: 'Taken over' }),
  },
  deleteAccount: [
    { kind: 'names', path: ({ account }) => `/v1/accounts/${account}` },
    { kind: 'names', path: ({ account }) => `/v1/accounts/${account}?force=true` },
  ],
  rotateProviderKey: {
    kind: 'names',
    path: ({ account }) => `/v1/accounts/${account}/rotate-provider-key`,
    body: () => ({ provider_key: 'mine' }),
  },
  pauseAccount: { kind: 'names', path: ({ account }) => `/v1/accounts/${account}/pause` },
  resumeAccount: { kind: 'names', path: ({ account }) => `/v1/accounts/${account}/resume` },
  listMessages: [
    { kind: 'own' },
    { kind: 'own', path: '/v1/messages?client_reference=planted-reference', isBare: true },
    { kind: 'own', path: '/v1/messages?recipient=%2B380671112233', isBare: true },
    { kind: 'names', path: ({ account }) => `/v1/messages?account_id=${account}` },
  ],
  sendMessage: { kind: 'names', body: ({ account }) => ({ ...text, account_id: account }) },
  sendBatch: {
    kind: 'names',
    body: ({ account }) => ({ messages: [{ ...text, account_id: account }] }),
  },
  getMessage: { kind: 'names', path: ({ message }) => `/v1/messages/${message}` },
  getMessageTimeline: { kind: 'names', path: ({ message }) => `/v1/messages/${message}/timeline` },
  cancelMessage: { kind: 'names', path: ({ message }) => `/v1/messages/${message}/cancel` },
  listInboundMessages: [
    { kind: 'own' },
    { kind: 'names', path: ({ account }) => `/v1/inbound-messages?account_id=${account}` },
  ],
  listConversations: [
    { kind: 'own' },
    { kind: 'own', path: '/v1/conversations?recipient=%2B380671112233', isBare: true },
    { kind: 'names', path: ({ account }) => `/v1/conversations?account_id=${account}` },
  ],
  getConversation: {
    kind: 'names',
    path: ({ conversation }) => `/v1/conversations/${conversation}`,
  },
  listConversationMessages: {
    kind: 'names',
    path: ({ conversation }) => `/v1/conversations/${conversation}/messages`,
  },
  replyInConversation: {
    kind: 'names',
    path: ({ conversation }) => `/v1/conversations/${conversation}/replies`,
    body: () => ({ text: 'Hello', category: 'transactional' }),
  },
  createSuppression: { kind: 'own', body: { recipient: '+380679998877' } },
  listSuppressions: { kind: 'own' },
  // What stands in a file is what the one who gives it says.
  importSuppressions: { kind: 'own', body: 'recipient\n+380679998866\n' },
  exportSuppressions: { kind: 'own' },
  getSuppression: { kind: 'names', path: ({ suppression }) => `/v1/suppressions/${suppression}` },
  deleteSuppression: {
    kind: 'names',
    path: ({ suppression }) => `/v1/suppressions/${suppression}`,
  },
  getStopWords: { kind: 'own' },
  setStopWords: { kind: 'own', body: { words: ['halt'] } },
  createWebhookEndpoint: {
    kind: 'names',
    body: ({ account }) => ({ url: 'http://127.0.0.1:9/x', account_ids: [account] }),
  },
  listWebhookEndpoints: { kind: 'own' },
  getWebhookEndpoint: {
    kind: 'names',
    path: ({ endpoint }) => `/v1/webhook-endpoints/${endpoint}`,
  },
  updateWebhookEndpoint: {
    kind: 'names',
    path: ({ endpoint }) => `/v1/webhook-endpoints/${endpoint}`,
    body: () => ({ description: 'Taken over' }),
  },
  deleteWebhookEndpoint: {
    kind: 'names',
    path: ({ endpoint }) => `/v1/webhook-endpoints/${endpoint}`,
  },
  testWebhookEndpoint: {
    kind: 'names',
    path: ({ endpoint }) => `/v1/webhook-endpoints/${endpoint}/test`,
  },
  rotateWebhookSecret: {
    kind: 'names',
    path: ({ endpoint }) => `/v1/webhook-endpoints/${endpoint}/rotate-secret`,
  },
  listWebhookDeliveries: {
    kind: 'names',
    path: ({ endpoint }) => `/v1/webhook-endpoints/${endpoint}/deliveries`,
  },
  retryWebhookDelivery: {
    kind: 'names',
    path: ({ endpoint, delivery }) =>
      `/v1/webhook-endpoints/${endpoint}/deliveries/${delivery}/retry`,
  },
  replayWebhooks: {
    kind: 'names',
    path: ({ endpoint }) => `/v1/webhook-endpoints/${endpoint}/replay`,
    body: () => ({ since: since(), until: until() }),
  },
  listEvents: { kind: 'own' },
  listReconciliations: { kind: 'own', isBare: true },
  getReconciliation: { kind: 'own', path: `/v1/reconciliations/${today()}`, isBare: true },
};

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
