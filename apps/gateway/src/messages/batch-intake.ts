import { Injectable } from '@nestjs/common';
import { Configuration } from '../platform/config/index.js';
import { canonicalHash } from '../platform/crypto/index.js';
import { AppError, InvalidRequest } from '../platform/errors/index.js';
import { Ids } from '../platform/ids/index.js';
import { AccountUnknown, mayUseAccount, type Caller } from '../tenants/index.js';
import { IdempotencyKeyReused, RecipientSuppressed } from './acceptance.errors.js';
import { Admission } from './admission.js';
import { readBatchEnvelope, type BatchEnvelope } from './batch-envelope.js';
import { errorOf, type BatchResult, type StoredResult } from './batch-result.js';
import { ClaimReader, type ReadClaims } from './claim-reader.js';
import { DraftingContexts, lacksAccount } from './drafting-contexts.js';
import type { BatchMessageDto } from './dto/create-batch.dto.js';
import { claimOfRequest, keyPointerOf } from './idempotency-key.js';
import { MessageAcceptor, type ItemVerdict } from './message-acceptor.js';
import { draftMessage, type DraftingContext } from './message-drafter.js';
import type { Submission } from './message-intake.js';
import { MessageReader } from './message-reader.js';
import { batchMessageShape } from './message-shapes.js';
import { IdempotencyKeyForgotten } from './messages.errors.js';
import type { IdempotencyClaim, NewMessage } from './new-message.js';
import { isObject } from './json-object.js';

export interface BatchOutcome {
  /** One for each message, in their order. */
  readonly results: readonly BatchResult[];
  readonly isReplay: boolean;
}

/** How many messages a refusal of the whole names. */
const mostErrors = 50;

type Draft =
  | { readonly message: NewMessage; readonly claim: IdempotencyClaim | null }
  | { readonly message: null; readonly claim: IdempotencyClaim | null; readonly error: AppError };

/** Takes many messages in at once; each one is accepted or refused by itself. */
@Injectable()
export class BatchIntake {
  private readonly mostMessages: number;

  constructor(
    private readonly admission: Admission,
    private readonly contexts: DraftingContexts,
    private readonly acceptor: MessageAcceptor,
    private readonly claims: ClaimReader,
    private readonly reader: MessageReader,
    private readonly ids: Ids,
    configuration: Configuration,
  ) {
    this.mostMessages = configuration.limits.batchMessages;
  }

  /** @throws InvalidRequest for the envelope, and the errors of Admission and MessageAcceptor; nothing is stored then */
  take(submission: Submission): Promise<BatchOutcome> {
    const { tenantId } = submission.caller;
    const messages = countMessages(submission.body);
    return this.admission.through(tenantId, messages, () => this.takeAdmitted(submission));
  }

  private async takeAdmitted(submission: Submission): Promise<BatchOutcome> {
    const { body, idempotencyKey } = submission;
    const { tenantId, accountIds } = submission.caller;
    const envelope = readBatchEnvelope(body, this.mostMessages);
    refuseKeyOfBatch(envelope, idempotencyKey);
    const drafts = await this.draftAll(envelope, submission);
    const results = await this.resultsOf(submission.caller, drafts);
    const items = drafts.flatMap(({ message, claim: own }, index) =>
      message === null ? [] : [{ message, claim: own, index }],
    );
    const claim = claimOfRequest(idempotencyKey, body);
    if (items.length === 0 && claim === null) return { results, isReplay: false };

    const acceptance = await this.acceptor.accept(
      { tenantId, accountIds, claim, items, results: claim === null ? null : results },
      submission.deadline,
    );
    if (acceptance.kind === 'replayed') {
      const stored = acceptance.results;
      return { results: await this.replay(submission.caller, envelope, stored), isReplay: true };
    }
    const verdicts = acceptance.items[Symbol.iterator]();
    return {
      results: drafts.map((draft, index) =>
        draft.message === null ? results[index]! : resultOf(verdicts.next().value as ItemVerdict),
      ),
      isReplay: false,
    };
  }

  private async draftAll(envelope: BatchEnvelope, submission: Submission): Promise<Draft[]> {
    const draftWith = (context: DraftingContext): Draft[] =>
      envelope.messages.map((_, index) => this.draft(envelope, index, context));
    const drafts = draftWith(await this.contexts.of(submission));
    const isComplete = !drafts.some((draft) => draft.message === null && lacksAccount(draft.error));
    return isComplete ? drafts : draftWith(await this.contexts.fresh(submission));
  }

  private draft(envelope: BatchEnvelope, index: number, context: DraftingContext): Draft {
    const item = envelope.messages[index];
    const at = `/messages/${index}`;
    const errors = batchMessageShape.errorsIn(item, at);
    if (errors.length > 0) return { message: null, claim: null, error: new InvalidRequest(errors) };
    const claim = claimOf(item, index);
    const pointerTo = (field: string): string =>
      `${isDefault(envelope, item, field) ? '/defaults' : at}/${field}`;
    try {
      const asked = { ...envelope.defaults, ...(item as BatchMessageDto) };
      return { message: draftMessage(asked, this.ids.next(), context, pointerTo), claim };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { message: null, claim, error };
    }
  }

  /**
   * What is known before anything is stored, and what is kept with the batch's own key. Whether a keyed message is
   * new shows only when it is stored; until then it stands with the id that it would get.
   */
  private async resultsOf(caller: Caller, drafts: readonly Draft[]): Promise<BatchResult[]> {
    const claims = drafts.flatMap(({ message, claim }) =>
      message === null && claim !== null ? [claim] : [],
    );
    const known = await this.claims.read(caller.tenantId, claims);
    return drafts.map((draft) =>
      draft.message === null ? refusalOrReplay(caller, draft, known) : { id: draft.message.id },
    );
  }

  // The same body came with the same key, so its messages stand where they stood.
  private async replay(
    caller: Caller,
    envelope: BatchEnvelope,
    stored: unknown,
  ): Promise<BatchResult[]> {
    // A single message stands under the key: not the same body, as a batch has another shape.
    if (!Array.isArray(stored)) throw new IdempotencyKeyReused(keyPointerOf({ at: '' }));
    const results = (stored as readonly StoredResult[]).map(resultOfStored);
    const claims = results.map((result, index) =>
      result.id === undefined ? null : claimOf(envelope.messages[index], index),
    );
    const accountOf = await this.accountsOf(caller, results, claims);
    const known = await this.claims.read(
      caller.tenantId,
      claims.filter((claim) => claim !== null),
    );
    return results.map((result, index) => {
      if (result.id === undefined) return result;
      const claim = claims[index];
      const earlier = claim ? claimedBy(caller, claim, known) : null;
      if (earlier) return earlier;
      if (claim && !accountOf.has(result.id))
        return { error: errorOf(new IdempotencyKeyForgotten()) };
      if (caller.accountIds === null) return result;
      return mayUseAccount(caller, accountOf.get(result.id) ?? '')
        ? result
        : { error: errorOf(new AccountUnknown(`/messages/${index}/account_id`)) };
    });
  }

  /** The accounts of the messages that exist: of those with keys, and of all where the caller may not use each. */
  private async accountsOf(
    { tenantId, accountIds }: Caller,
    results: readonly BatchResult[],
    claims: readonly (IdempotencyClaim | null)[],
  ): Promise<ReadonlyMap<string, string>> {
    const ids = results.flatMap(({ id }, index) =>
      id !== undefined && (accountIds !== null || claims[index]) ? [id] : [],
    );
    const messages = ids.length === 0 ? [] : await this.reader.findMany(tenantId, ids);
    return new Map(messages.map(({ accepted }) => [accepted.id, accepted.accountId]));
  }
}

/** As many as it seems to bring: nothing was checked yet. */
function countMessages(body: unknown): number {
  const messages = isObject(body) ? body['messages'] : null;
  return Array.isArray(messages) ? Math.max(1, messages.length) : 1;
}

/** @throws InvalidRequest where a message repeats the key of its own batch: one key stands for one thing */
function refuseKeyOfBatch(envelope: BatchEnvelope, batchKey: string | null): void {
  if (batchKey === null) return;
  const errors = envelope.messages.flatMap((item, index) =>
    isObject(item) && item['idempotency_key'] === batchKey
      ? [
          {
            pointer: keyPointerOf({ at: `/messages/${index}` }),
            code: 'not_unique',
            detail: 'This is the key of the batch itself, in its Idempotency-Key header.',
          },
        ]
      : [],
  );
  if (errors.length > 0) throw new InvalidRequest(errors.slice(0, mostErrors));
}

/** The key of a message, with the hash of what came under it: without the key, before the batch's defaults. */
function claimOf(item: unknown, index: number): IdempotencyClaim | null {
  if (!isObject(item)) return null;
  const { idempotency_key: key, ...body } = item;
  return typeof key === 'string'
    ? { key, bodyHash: canonicalHash(body), at: `/messages/${index}` }
    : null;
}

function isDefault(envelope: BatchEnvelope, item: unknown, field: string): boolean {
  return isObject(item) && !Object.hasOwn(item, field) && envelope.defaults[field] != null;
}

function resultOfStored(stored: StoredResult, index: number): BatchResult {
  if (!('suppressed' in stored)) return stored;
  return { error: errorOf(new RecipientSuppressed(`/messages/${index}`)) };
}

function resultOf(verdict: ItemVerdict): BatchResult {
  return verdict.kind === 'refused' ? { error: errorOf(verdict.error) } : { id: verdict.id };
}

// What can no longer be drafted may have been accepted when its key first came.
function refusalOrReplay(
  caller: Caller,
  draft: { claim: IdempotencyClaim | null; error: AppError },
  known: ReadClaims,
): BatchResult {
  const made = draft.claim === null ? null : known.messageOf({ ...caller, claim: draft.claim });
  if (typeof made === 'string') return { id: made };
  return { error: errorOf(made instanceof IdempotencyKeyReused ? made : draft.error) };
}

function claimedBy(caller: Caller, claim: IdempotencyClaim, known: ReadClaims): BatchResult | null {
  const made = known.messageOf({ ...caller, claim });
  if (made === null) return null;
  return typeof made === 'string' ? { id: made } : { error: errorOf(made) };
}
