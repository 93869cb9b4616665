// Made from docs/openapi.json by `npm run generate`; do not edit.
import type * as T from './types.js';

/** What each operation takes and answers, by its name in the API document. */
export interface Operations {
  /** Make an API key */
  createApiKey: {
    path: object;
    query: object;
    body: T.CreateApiKey;
    answer: T.CreatedApiKey;
  };
  /** List the API keys, newest first, ended ones too */
  listApiKeys: {
    path: object;
    query: {
      /** Rows of a page: 1 to 500. */
      limit?: number;
      /** The `next_cursor` of the page before; left out for the first page. */
      cursor?: string;
    };
    body: undefined;
    answer: T.ApiKeyList;
  };
  /** Read an API key */
  getApiKey: {
    path: {
      id: string;
    };
    query: object;
    body: undefined;
    answer: T.ApiKey;
  };
  /** Replace an API key */
  rotateApiKey: {
    path: {
      id: string;
    };
    query: object;
    body: T.RotateApiKey | undefined;
    answer: T.CreatedApiKey;
  };
  /** Revoke an API key */
  revokeApiKey: {
    path: {
      id: string;
    };
    query: object;
    body: undefined;
    answer: T.ApiKey;
  };
  /** Read the audit log, newest first */
  listAuditLog: {
    path: object;
    query: {
      /** Rows of a page: 1 to 500. */
      limit?: number;
      /** The `next_cursor` of the page before; left out for the first page. */
      cursor?: string;
    };
    body: undefined;
    answer: T.AuditLog;
  };
  /** Make an account from a provider key */
  createAccount: {
    path: object;
    query: object;
    body: T.CreateAccount;
    answer: T.Account;
  };
  /** List the accounts that the key may use, newest first */
  listAccounts: {
    path: object;
    query: {
      /** Rows of a page: 1 to 500. */
      limit?: number;
      /** The `next_cursor` of the page before; left out for the first page. */
      cursor?: string;
    };
    body: undefined;
    answer: T.AccountList;
  };
  /** Read an account with the state of its queue */
  getAccount: {
    path: {
      id: string;
    };
    query: object;
    body: undefined;
    answer: T.Account;
  };
  /** Change an account */
  updateAccount: {
    path: {
      id: string;
    };
    query: object;
    body: T.UpdateAccount;
    answer: T.Account;
  };
  /** Delete an account */
  deleteAccount: {
    path: {
      id: string;
    };
    query: {
      /** `true` expires what is queued and scheduled. Without it an account with open work is not deleted. */
      force?: 'true' | 'false';
    };
    body: undefined;
    answer: undefined;
  };
  /** Put another provider key in place */
  rotateProviderKey: {
    path: {
      id: string;
    };
    query: object;
    body: T.RotateProviderKey;
    answer: T.Account;
  };
  /** Hold the messages of an account */
  pauseAccount: {
    path: {
      id: string;
    };
    query: object;
    body: T.Pause | undefined;
    answer: T.Account;
  };
  /** Send the messages of an account again */
  resumeAccount: {
    path: {
      id: string;
    };
    query: object;
    body: undefined;
    answer: T.Account;
  };
  /** Send a message */
  sendMessage: {
    path: object;
    query: object;
    body: T.CreateMessage;
    answer: T.Message;
  };
  /** List messages, newest first */
  listMessages: {
    path: object;
    query: {
      /** Rows of a page: 1 to 500. */
      limit?: number;
      /** One or several statuses, as `status=queued&status=sending` or `status=queued,sending`. */
      status?: ('scheduled' | 'queued' | 'sending' | 'sent' | 'pending' | 'uncertain' | 'delivered' | 'undelivered' | 'rejected' | 'failed' | 'expired' | 'cancelled' | 'unresolved')[];
      /** Accepted at this time or later: ISO 8601 with an offset. */
      created_after?: string;
      /** Accepted before this time: ISO 8601 with an offset. */
      created_before?: string;
      /** The recipient's number, in any form that a message takes. */
      recipient?: string;
      /** The account that the messages go over. */
      account_id?: string;
      /** The sender, exactly. */
      sender?: string;
      /** What the messages are. */
      category?: 'promotional' | 'transactional';
      /** Your own name for the messages, exactly. */
      client_reference?: string;
      /** The provider's id, exactly. */
      provider_message_id?: string;
      /** The `next_cursor` of the page before; left out for the first page. */
      cursor?: string;
    };
    body: undefined;
    answer: T.MessagePage;
  };
  /** Send up to 1,000 messages */
  sendBatch: {
    path: object;
    query: object;
    body: T.CreateBatch;
    answer: T.BatchOutcome;
  };
  /** Read a message */
  getMessage: {
    path: {
      /** The message. */
      id: string;
    };
    query: object;
    body: undefined;
    answer: T.Message;
  };
  /** Read what happened to a message */
  getMessageTimeline: {
    path: {
      /** The message. */
      id: string;
    };
    query: object;
    body: undefined;
    answer: T.Timeline;
  };
  /** Cancel a message */
  cancelMessage: {
    path: {
      /** The message. */
      id: string;
    };
    query: object;
    body: undefined;
    answer: T.Message;
  };
  /** List the replies of recipients, newest first */
  listInboundMessages: {
    path: object;
    query: {
      /** Rows of a page: 1 to 500. */
      limit?: number;
      /** Received at this time or later: ISO 8601 with an offset. */
      received_after?: string;
      /** Received before this time: ISO 8601 with an offset. */
      received_before?: string;
      /** Who wrote, in any form that a recipient takes. */
      phone_number?: string;
      /** The account that they came over. */
      account_id?: string;
      /** The `next_cursor` of the page before; left out for the first page. */
      cursor?: string;
    };
    body: undefined;
    answer: T.InboundMessagePage;
  };
  /** Follow what happens, oldest first */
  listEvents: {
    path: object;
    query: {
      /**
       * One or several types, as `types=message.delivered,message.failed`; left out, all. A cursor may be used with other types
       * than before.
       */
      types?: ('message.queued' | 'message.sent' | 'message.pending' | 'message.delivered' | 'message.undelivered' | 'message.rejected' | 'message.failed' | 'message.expired' | 'message.cancelled' | 'message.uncertain' | 'message.unresolved' | 'message.corrected' | 'inbound.received' | 'account.paused' | 'account.resumed' | 'endpoint.disabled')[];
      /**
       * Where there is no event yet: how long to wait for one, in seconds, 0 to 25. The answer comes as soon as there is
       * one, and may come earlier without any.
       */
      wait_seconds?: number;
      /** Most events of an answer: 1 to 500. */
      limit?: number;
      /**
       * The `next_cursor` of the answer before: the page begins behind it. Left out or empty, it begins with the oldest event that is
       * kept; `latest` begins behind the newest one.
       */
      after?: string;
    };
    body: undefined;
    answer: T.EventPage;
  };
  /** List the conversations, the one with the newest reply first */
  listConversations: {
    path: object;
    query: {
      /** Rows of a page: 1 to 500. */
      limit?: number;
      /** The `next_cursor` of the page before; left out for the first page. */
      cursor?: string;
      /** Who replied, in any form that a message's recipient takes. */
      recipient?: string;
      /** The name that the recipient sees. */
      sender?: string;
      /** The account over which they go on. */
      account_id?: string;
    };
    body: undefined;
    answer: T.ConversationList;
  };
  /** Read a conversation */
  getConversation: {
    path: {
      /** The conversation. */
      id: string;
    };
    query: object;
    body: undefined;
    answer: T.Conversation;
  };
  /** List what was written in both directions, newest first */
  listConversationMessages: {
    path: {
      /** The conversation. */
      id: string;
    };
    query: {
      /** Rows of a page: 1 to 500. */
      limit?: number;
      /** The `next_cursor` of the page before; left out for the first page. */
      cursor?: string;
    };
    body: undefined;
    answer: T.ConversationEntryList;
  };
  /** Answer in a conversation */
  replyInConversation: {
    path: {
      /** The conversation. */
      id: string;
    };
    query: object;
    body: T.ConversationReply;
    answer: T.Message;
  };
  /** Enter a recipient */
  createSuppression: {
    path: object;
    query: object;
    body: T.CreateSuppression;
    answer: T.Suppression;
  };
  /** List the suppressions, newest first */
  listSuppressions: {
    path: object;
    query: {
      /** Rows of a page: 1 to 500. */
      limit?: number;
      /** Those that stop this. */
      category?: 'promotional' | 'all';
      /** Those that came this way. */
      source?: 'api' | 'import' | 'stop_word';
      /** One recipient, in any form that a message's recipient takes. */
      recipient?: string;
      /** The `next_cursor` of the page before; left out for the first page. */
      cursor?: string;
    };
    body: undefined;
    answer: T.SuppressionList;
  };
  /** Enter recipients from a CSV file */
  importSuppressions: {
    path: object;
    query: object;
    body: undefined;
    answer: T.SuppressionImport;
  };
  /** Give all suppressions as CSV */
  exportSuppressions: {
    path: object;
    query: object;
    body: undefined;
    answer: undefined;
  };
  /** Read a suppression */
  getSuppression: {
    path: {
      id: string;
    };
    query: object;
    body: undefined;
    answer: T.Suppression;
  };
  /** Take a recipient off the list */
  deleteSuppression: {
    path: {
      id: string;
    };
    query: object;
    body: undefined;
    answer: undefined;
  };
  /** Read the stop words */
  getStopWords: {
    path: object;
    query: object;
    body: undefined;
    answer: T.StopWords;
  };
  /** Set the stop words */
  setStopWords: {
    path: object;
    query: object;
    body: T.SetStopWords;
    answer: T.StopWords;
  };
  /** List the daily proofs, newest day first */
  listReconciliations: {
    path: object;
    query: {
      /** Rows of a page: 1 to 500. */
      limit?: number;
      /** Only days with this verdict. */
      verdict?: T.ProofVerdict;
      /** The `next_cursor` of the page before; left out for the first page. */
      cursor?: string;
    };
    body: undefined;
    answer: T.ReconciliationList;
  };
  /** Read the proof of a day with all its misses */
  getReconciliation: {
    path: {
      day: string;
    };
    query: object;
    body: undefined;
    answer: T.Reconciliation;
  };
  /** Make a webhook endpoint */
  createWebhookEndpoint: {
    path: object;
    query: object;
    body: T.CreateWebhookEndpoint;
    answer: T.CreatedWebhookEndpoint;
  };
  /** List the webhook endpoints, newest first */
  listWebhookEndpoints: {
    path: object;
    query: {
      /** Rows of a page: 1 to 500. */
      limit?: number;
      /** The `next_cursor` of the page before; left out for the first page. */
      cursor?: string;
    };
    body: undefined;
    answer: T.WebhookEndpointList;
  };
  /** Read a webhook endpoint */
  getWebhookEndpoint: {
    path: {
      id: string;
    };
    query: object;
    body: undefined;
    answer: T.WebhookEndpoint;
  };
  /** Change, enable or disable a webhook endpoint */
  updateWebhookEndpoint: {
    path: {
      id: string;
    };
    query: object;
    body: T.UpdateWebhookEndpoint;
    answer: T.WebhookEndpoint;
  };
  /** Delete a webhook endpoint */
  deleteWebhookEndpoint: {
    path: {
      id: string;
    };
    query: object;
    body: undefined;
    answer: undefined;
  };
  /** Try a webhook endpoint out */
  testWebhookEndpoint: {
    path: {
      id: string;
    };
    query: object;
    body: undefined;
    answer: T.WebhookTest;
  };
  /** Put another signing secret in place */
  rotateWebhookSecret: {
    path: {
      id: string;
    };
    query: object;
    body: T.RotateSecret | undefined;
    answer: T.RotatedSecret;
  };
  /** List the deliveries to an endpoint, newest event first */
  listWebhookDeliveries: {
    path: {
      id: string;
    };
    query: {
      /** Rows of a page: 1 to 500. */
      limit?: number;
      /** Only those that stand so. */
      status?: T.WebhookDeliveryStatus;
      /** The `next_cursor` of the page before; left out for the first page. */
      cursor?: string;
    };
    body: undefined;
    answer: T.WebhookDeliveryList;
  };
  /** Deliver an event once more */
  retryWebhookDelivery: {
    path: {
      id: string;
      delivery: string;
    };
    query: object;
    body: undefined;
    answer: T.WebhookDelivery;
  };
  /** Deliver the events of a time once more */
  replayWebhooks: {
    path: {
      id: string;
    };
    query: object;
    body: T.ReplayWebhooks;
    answer: T.ReplayedWebhooks;
  };
}

/** How each operation is called. */
export const operations = {
  createApiKey: { method: 'POST', path: '/v1/api-keys', takesKey: false, isRepeatable: false },
  listApiKeys: { method: 'GET', path: '/v1/api-keys', takesKey: false, isRepeatable: true },
  getApiKey: { method: 'GET', path: '/v1/api-keys/{id}', takesKey: false, isRepeatable: true },
  rotateApiKey: { method: 'POST', path: '/v1/api-keys/{id}/rotate', takesKey: false, isRepeatable: false },
  revokeApiKey: { method: 'POST', path: '/v1/api-keys/{id}/revoke', takesKey: false, isRepeatable: false },
  listAuditLog: { method: 'GET', path: '/v1/audit-log', takesKey: false, isRepeatable: true },
  createAccount: { method: 'POST', path: '/v1/accounts', takesKey: false, isRepeatable: false },
  listAccounts: { method: 'GET', path: '/v1/accounts', takesKey: false, isRepeatable: true },
  getAccount: { method: 'GET', path: '/v1/accounts/{id}', takesKey: false, isRepeatable: true },
  updateAccount: { method: 'PATCH', path: '/v1/accounts/{id}', takesKey: false, isRepeatable: false },
  deleteAccount: { method: 'DELETE', path: '/v1/accounts/{id}', takesKey: false, isRepeatable: false },
  rotateProviderKey: { method: 'POST', path: '/v1/accounts/{id}/rotate-provider-key', takesKey: false, isRepeatable: false },
  pauseAccount: { method: 'POST', path: '/v1/accounts/{id}/pause', takesKey: false, isRepeatable: false },
  resumeAccount: { method: 'POST', path: '/v1/accounts/{id}/resume', takesKey: false, isRepeatable: false },
  sendMessage: { method: 'POST', path: '/v1/messages', takesKey: true, isRepeatable: true },
  listMessages: { method: 'GET', path: '/v1/messages', takesKey: false, isRepeatable: true },
  sendBatch: { method: 'POST', path: '/v1/messages/batch', takesKey: true, isRepeatable: true },
  getMessage: { method: 'GET', path: '/v1/messages/{id}', takesKey: false, isRepeatable: true },
  getMessageTimeline: { method: 'GET', path: '/v1/messages/{id}/timeline', takesKey: false, isRepeatable: true },
  cancelMessage: { method: 'POST', path: '/v1/messages/{id}/cancel', takesKey: false, isRepeatable: false },
  listInboundMessages: { method: 'GET', path: '/v1/inbound-messages', takesKey: false, isRepeatable: true },
  listEvents: { method: 'GET', path: '/v1/events', takesKey: false, isRepeatable: true },
  listConversations: { method: 'GET', path: '/v1/conversations', takesKey: false, isRepeatable: true },
  getConversation: { method: 'GET', path: '/v1/conversations/{id}', takesKey: false, isRepeatable: true },
  listConversationMessages: { method: 'GET', path: '/v1/conversations/{id}/messages', takesKey: false, isRepeatable: true },
  replyInConversation: { method: 'POST', path: '/v1/conversations/{id}/replies', takesKey: true, isRepeatable: true },
  createSuppression: { method: 'POST', path: '/v1/suppressions', takesKey: false, isRepeatable: false },
  listSuppressions: { method: 'GET', path: '/v1/suppressions', takesKey: false, isRepeatable: true },
  importSuppressions: { method: 'POST', path: '/v1/suppressions/import', takesKey: false, isRepeatable: false },
  exportSuppressions: { method: 'GET', path: '/v1/suppressions/export', takesKey: false, isRepeatable: true },
  getSuppression: { method: 'GET', path: '/v1/suppressions/{id}', takesKey: false, isRepeatable: true },
  deleteSuppression: { method: 'DELETE', path: '/v1/suppressions/{id}', takesKey: false, isRepeatable: false },
  getStopWords: { method: 'GET', path: '/v1/stop-words', takesKey: false, isRepeatable: true },
  setStopWords: { method: 'PUT', path: '/v1/stop-words', takesKey: false, isRepeatable: false },
  listReconciliations: { method: 'GET', path: '/v1/reconciliations', takesKey: false, isRepeatable: true },
  getReconciliation: { method: 'GET', path: '/v1/reconciliations/{day}', takesKey: false, isRepeatable: true },
  createWebhookEndpoint: { method: 'POST', path: '/v1/webhook-endpoints', takesKey: false, isRepeatable: false },
  listWebhookEndpoints: { method: 'GET', path: '/v1/webhook-endpoints', takesKey: false, isRepeatable: true },
  getWebhookEndpoint: { method: 'GET', path: '/v1/webhook-endpoints/{id}', takesKey: false, isRepeatable: true },
  updateWebhookEndpoint: { method: 'PATCH', path: '/v1/webhook-endpoints/{id}', takesKey: false, isRepeatable: false },
  deleteWebhookEndpoint: { method: 'DELETE', path: '/v1/webhook-endpoints/{id}', takesKey: false, isRepeatable: false },
  testWebhookEndpoint: { method: 'POST', path: '/v1/webhook-endpoints/{id}/test', takesKey: false, isRepeatable: false },
  rotateWebhookSecret: { method: 'POST', path: '/v1/webhook-endpoints/{id}/rotate-secret', takesKey: false, isRepeatable: false },
  listWebhookDeliveries: { method: 'GET', path: '/v1/webhook-endpoints/{id}/deliveries', takesKey: false, isRepeatable: true },
  retryWebhookDelivery: { method: 'POST', path: '/v1/webhook-endpoints/{id}/deliveries/{delivery}/retry', takesKey: false, isRepeatable: false },
  replayWebhooks: { method: 'POST', path: '/v1/webhook-endpoints/{id}/replay', takesKey: false, isRepeatable: false },
} as const satisfies Record<keyof Operations, object>;
