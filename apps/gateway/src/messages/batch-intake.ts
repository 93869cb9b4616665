import { Injectable } from '@nestjs/common';
import { Configuration } from '../platform/config/index.js';
import { canonicalHash } from '../platform/crypto/index.js';
import { AppError, InvalidRequest } from '../platform/errors/index.js';
import { Ids } from '../platform/ids/index.js';
import { IdempotencyKeyReused } from './acceptance.errors.js';
import { readBatchEnvelope, type BatchEnvelope } from './batch-envelope.js';
import { errorOf, type BatchResult } from './batch-result.js';
import { ClaimReader, type ReadClaims } from './claim-reader.js';
import { DraftingContexts, lacksAccount } from './drafting-contexts.js';
import type { BatchMessageDto } from './dto/create-batch.dto.js';
import { MessageAcceptor, type ItemVerdict } from './message-acceptor.js';
import { draftMessage, type DraftingContext } from './message-drafter.js';
import type { Submission } from './message-intake.js';
import { MessageReader } from './message-reader.js';
import { batchMessageShape } from './message-shapes.js';
import { IdempotencyKeyForgotten } from './messages.errors.js';
import type { IdempotencyClaim, NewMessage } from './new-message.js';
import { isObject } from './shape.js';

export interface BatchOutcome {
  /** One for each message, in their order. */
  readonly results: readonly BatchResult[];
  readonly isReplay: boolean;
}

type Draft =
  | { readonly message: NewMessage; readonly claim: IdempotencyClaim | null }
  | { readonly message: null; readonly claim: IdempotencyClaim | null; readonly error: AppError };

/** Takes many messages in at once; each one is accepted or refused by itself. */
@Injectable()
export class BatchIntake {
  private readonly mostMessages: number;

  constructor(
    private readonly contexts: DraftingContexts,
    private readonly acceptor: MessageAcceptor,
    private readonly claims: ClaimReader,
    private readonly reader: MessageReader,
    private readonly ids: Ids,
    configuration: Configuration,
  ) {
    this.mostMessages = configuration.limits.batchMessages;
  }

  /** @throws InvalidRequest for the envelope, and the errors of MessageAcceptor; nothing is stored then */
  async take(submission: Submission): Promise<BatchOutcome> {
    const { body, idempotencyKey } = submission;
    const { tenantId } = submission.caller;
    const envelope = readBatchEnvelope(body, this.mostMessages);
    const drafts = await this.draftAll(envelope, submission);
    const results = await this.resultsOf(tenantId, drafts);
    const items = drafts.filter((draft) => draft.message !== null);
    const claim =
      idempotencyKey === null ? null : { key: idempotencyKey, bodyHash: canonicalHash(body) };
    if (items.length === 0 && claim === null) return { results, isReplay: false };

    const acceptance = await this.acceptor.accept({
      tenantId,
      claim,
      items,
      results: claim === null ? null : results,
    });
    if (acceptance.kind === 'replayed') {
      return { results: await this.replay(tenantId, envelope, acceptance.results), isReplay: true };
    }
    const verdicts = acceptance.items[Symbol.iterator]();
    return {
      results: drafts.map((draft, index) =>
        draft.message === null ? results[index]! : resultOf(verdicts.next().value as ItemVerdict),
      ),
      isReplay: false,
    };
  }

  private async draftAll(
    envelope: BatchEnvelope,
    { caller, requestId }: Submission,
  ): Promise<Draft[]> {
    const draftWith = (context: DraftingContext): Draft[] =>
      envelope.messages.map((_, index) => this.draft(envelope, index, context));
    const drafts = draftWith(await this.contexts.of(caller, requestId));
    const isComplete = !drafts.some((draft) => draft.message === null && lacksAccount(draft.error));
    return isComplete ? drafts : draftWith(await this.contexts.fresh(caller, requestId));
  }

  private draft(envelope: BatchEnvelope, index: number, context: DraftingContext): Draft {
    const item = envelope.messages[index];
    const at = `/messages/${index}`;
    const errors = batchMessageShape.errorsIn(item, at);
    if (errors.length > 0) return { message: null, claim: null, error: new InvalidRequest(errors) };
    const claim = claimOf(item);
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
  private async resultsOf(tenantId: string, drafts: readonly Draft[]): Promise<BatchResult[]> {
    const claims = drafts.flatMap(({ message, claim }) =>
      message === null && claim !== null ? [claim] : [],
    );
    const known = await this.claims.read(tenantId, claims);
    return drafts.map((draft) =>
      draft.message === null ? refusalOrReplay(draft, known) : { id: draft.message.id },
    );
  }

  // The same body came with the same key, so its messages stand where they stood.
  private async replay(
    tenantId: string,
    envelope: BatchEnvelope,
    stored: unknown,
  ): Promise<BatchResult[]> {
    if (!Array.isArray(stored)) throw new IdempotencyKeyReused();
    const results = stored as readonly BatchResult[];
    const claims = results.map((result, index) =>
      result.id === undefined ? null : claimOf(envelope.messages[index]),
    );
    const keyed = results.flatMap(({ id }, index) =>
      id !== undefined && claims[index] ? [id] : [],
    );
    if (keyed.length === 0) return [...results];
    const known = await this.claims.read(
      tenantId,
      claims.filter((claim) => claim !== null),
    );
    const existing = new Set(
      (await this.reader.findMany(tenantId, keyed)).map(({ accepted }) => accepted.id),
    );
    return results.map((result, index) => {
      const claim = claims[index];
      return claim
        ? keyedResult(claim, known, existing.has(result.id!) ? result.id! : null)
        : result;
    });
  }
}

/** The key of a message, with the hash of what came under it: without the key, before the batch's defaults. */
function claimOf(item: unknown): IdempotencyClaim | null {
  if (!isObject(item)) return null;
  const { idempotency_key: key, ...body } = item;
  return typeof key === 'string' ? { key, bodyHash: canonicalHash(body) } : null;
}

function isDefault(envelope: BatchEnvelope, item: unknown, field: string): boolean {
  return isObject(item) && !Object.hasOwn(item, field) && envelope.defaults[field] != null;
}

function resultOf(verdict: ItemVerdict): BatchResult {
  return verdict.kind === 'key_reused'
    ? { error: errorOf(new IdempotencyKeyReused()) }
    : { id: verdict.id };
}

// What can no longer be drafted may have been accepted when its key first came.
function refusalOrReplay(
  draft: { claim: IdempotencyClaim | null; error: AppError },
  known: ReadClaims,
): BatchResult {
  if (draft.claim === null) return { error: errorOf(draft.error) };
  const earlier = claimedBy(draft.claim, known);
  return earlier ?? { error: errorOf(draft.error) };
}

function keyedResult(claim: IdempotencyClaim, known: ReadClaims, own: string | null): BatchResult {
  const earlier = claimedBy(claim, known);
  if (earlier) return earlier;
  return own === null ? { error: errorOf(new IdempotencyKeyForgotten()) } : { id: own };
}

function claimedBy(claim: IdempotencyClaim, known: ReadClaims): BatchResult | null {
  try {
    const id = known.messageOf(claim);
    return id === null ? null : { id };
  } catch (error) {
    if (error instanceof IdempotencyKeyReused) return { error: errorOf(error) };
    throw error;
  }
}
