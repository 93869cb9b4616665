import { Injectable } from '@nestjs/common';
import { MessageIntake, type Companion } from '../messages/index.js';
import { sqlFile } from '../platform/database/index.js';
import type { Deadline } from '../platform/deadline/index.js';
import type { Caller } from '../tenants/index.js';
import { CallbackUrlCheck } from './callback-url-check.js';
import { DropinMetrics } from './dropin-metrics.js';
import { DropinNumbers } from './dropin-numbers.js';
import { readSendRequest } from './send-request.js';

/** A `send-viber`, as it came in. */
export interface DropinSubmission {
  readonly caller: Caller;
  readonly body: Buffer | undefined;
  readonly requestId: string;
  readonly deadline: Deadline;
}

const noteMessages = sqlFile(import.meta.url, './sql/note-messages.sql');

/** Takes messages in by the provider's own call. They are messages like any other; the client knows them by a number. */
@Injectable()
export class DropinIntake {
  constructor(
    private readonly intake: MessageIntake,
    private readonly numbers: DropinNumbers,
    private readonly urls: CallbackUrlCheck,
    private readonly metrics: DropinMetrics,
  ) {}

  /** Gives the number. @throws InvalidRequest, and the errors of MessageIntake */
  async take({ caller, body, requestId, deadline }: DropinSubmission): Promise<number> {
    const request = readSendRequest(body);
    this.metrics.ignored('unknown', request.unknown);
    this.metrics.ignored('not_carried', request.notCarried);
    const { callbackUrl } = request;
    if (callbackUrl !== null) await deadline.around(() => this.urls.assertAllowed(callbackUrl));
    const number = await this.numbers.take(deadline);
    const companion: Companion = {
      statement: noteMessages,
      rowOf: ({ tenantId, id }) => ({
        tenant_id: tenantId,
        number,
        message_id: id,
        callback_url: callbackUrl,
      }),
    };
    await this.intake.take({
      caller,
      // The one name that the client has for it, so that it is found by it elsewhere, too.
      body: { ...request.message, client_reference: String(number) },
      idempotencyKey: null,
      requestId,
      deadline,
      companion,
    });
    return number;
  }
}
