import { describe, expect, it, jest } from '@jest/globals';
import type { Deviation, InboundCallback } from '#viber';
import type { CallbackUrls } from '../accounts/index.js';
import type { DriftCounter } from '../drift/index.js';
import { Deadline } from '../platform/deadline/index.js';
import { DatabaseUnavailable, NotFound } from '../platform/errors/index.js';
import type { Log } from '../platform/logging/index.js';
import { CallbackIntake, type IncomingCallback } from './callback-intake.js';
import type { Receipt, ReceiptAppender } from './receipt-appender.js';
import { CallbackNotReadable } from './receipts.errors.js';
import type { ReplyOrigin, ReplyRouter } from './reply-router.js';

const deadline = Deadline.in(60_000);
const origin = { tenantId: 'tenant', accountId: 'account', messageId: 'message', attempt: 2 };

const callback = (body: unknown): IncomingCallback => ({
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  query: {},
});
const reply = (given: object = {}) => ({
  message_token: 5_741_311_803_571_721,
  phone_number: '380671234567',
  time: 1_500_000_000,
  message: { text: 'Hello', tracking_data: 'tracking_id:100035' },
  ...given,
});

function intake(fails: Error | null = null) {
  const receipts: Receipt[] = [];
  const replies: { reply: InboundCallback; origin: ReplyOrigin; raw: string }[] = [];
  const logged = jest.fn();
  const failing = async (): Promise<void> => {
    if (fails) throw fails;
  };
  const urls = {
    readStatus: (token: string) => (token === 'good' ? origin : null),
    readInbound: (token: string) => (token === 'good' ? { connectionId: 'connection' } : null),
  } as unknown as CallbackUrls;
  const appender = {
    append: async (receipt: Receipt) => {
      await failing();
      receipts.push(receipt);
    },
  } as unknown as ReceiptAppender;
  const router = {
    take: async (given: InboundCallback, from: ReplyOrigin, raw: string) => {
      await failing();
      replies.push({ reply: given, origin: from, raw });
    },
  } as unknown as ReplyRouter;
  const noted: string[] = [];
  const drift = {
    note: (place: string, deviations: readonly Deviation[]) =>
      noted.push(...deviations.map(({ kind, detail }) => `${place}: ${kind} ${detail}`)),
  } as unknown as DriftCounter;
  const log = { warn: logged } as unknown as Log;
  return {
    intake: new CallbackIntake(urls, appender, router, drift, log),
    noted,
    receipts,
    replies,
    logged,
  };
}

describe('the drift', () => {
  it('hears of what differs, with its place; a stranger is not heard', async () => {
    const { intake: taking, noted } = intake();
    await taking.takeAtMessage(
      'good',
      callback('{"message_id":1,"status":1,"operator":"x"}'),
      deadline,
    );
    await taking.takeAtMessage('good', callback(reply({ media: 'x' })), deadline);
    await taking.takeAtConnection('good', callback(reply()));
    await expect(taking.takeAtMessage('good', callback('OK'), deadline)).rejects.toThrow(
      CallbackNotReadable,
    );
    await expect(taking.takeAtMessage('forged', callback('{"odd":1}'), deadline)).rejects.toThrow(
      NotFound,
    );
    expect(noted).toEqual([
      'status_callback: unknown_field operator',
      'inbound_callback: unknown_field media',
      'status_callback: other_shape not_json_nor_form',
    ]);
  });
});

describe("a callback at a message's URL", () => {
  it('is a status of the attempt that the URL names, with the id of the provider', async () => {
    const { intake: taking, receipts } = intake();
    await taking.takeAtMessage(
      'good',
      callback('{"message_id":12345678901234567890,"status":1}'),
      deadline,
    );
    expect(receipts).toEqual([
      { ...origin, providerStatus: '1', providerMessageId: '12345678901234567890' },
    ]);
  });

  it('needs no id, and may come in the query', async () => {
    const { intake: taking, receipts } = intake();
    await taking.takeAtMessage('good', { body: null, query: { status: '4' } }, deadline);
    expect(receipts).toMatchObject([{ providerStatus: '4', providerMessageId: null }]);
  });

  it('may be a reply, which is stored with the message that it came for', async () => {
    const { intake: taking, replies, receipts } = intake();
    await taking.takeAtMessage('good', callback(reply()), deadline);
    expect(receipts).toEqual([]);
    expect(replies).toMatchObject([
      { origin: { tenantId: 'tenant', accountId: 'account', messageId: 'message' } },
    ]);
  });

  it('is refused without a look at anything where the URL is forged', async () => {
    const { intake: taking, receipts, replies } = intake();
    await expect(
      taking.takeAtMessage('forged', callback({ status: 1 }), deadline),
    ).rejects.toBeInstanceOf(NotFound);
    await expect(taking.takeAtConnection('forged', callback(reply()))).rejects.toBeInstanceOf(
      NotFound,
    );
    expect([...receipts, ...replies]).toEqual([]);
  });

  it('that cannot be read is refused, and its content is not logged', async () => {
    const { intake: taking, logged } = intake();
    const secret = callback('{"status":"380671234567 said hello"}');
    await expect(taking.takeAtMessage('good', secret, deadline)).rejects.toBeInstanceOf(
      CallbackNotReadable,
    );
    expect(JSON.stringify(logged.mock.calls)).not.toMatch(/380671234567|hello/);
  });

  it('is never acknowledged where it was not stored', async () => {
    const { intake: taking } = intake(new Error('away'));
    await expect(
      taking.takeAtMessage('good', callback({ status: 1 }), deadline),
    ).rejects.toBeInstanceOf(DatabaseUnavailable);
    await expect(taking.takeAtMessage('good', callback(reply()), deadline)).rejects.toBeInstanceOf(
      DatabaseUnavailable,
    );
  });
});

describe("a callback at a connection's URL", () => {
  it('is a reply, kept digit by digit as it came', async () => {
    const { intake: taking, replies } = intake();
    const body =
      '{"message_token":18446744073709551615,"phone_number":"+380 67 123-45-67","time":1500000000,"message":{"text":"Hi"}}';
    await taking.takeAtConnection('good', callback(body));
    expect(replies).toMatchObject([
      {
        origin: { connectionId: 'connection' },
        reply: {
          messageToken: '18446744073709551615',
          text: 'Hi',
          trackingData: null,
          sentAt: new Date('2017-07-14T02:40:00.000Z'),
        },
        raw: body,
      },
    ]);
  });

  it('holds nothing that the database would refuse', async () => {
    const { intake: taking, replies } = intake();
    const text = String.raw`{"message_token":1,"phone_number":"380671234567","message":{"text":"a\u0000b\ud800c","tracking_data":"\ud800"}}`;
    await taking.takeAtConnection('good', callback(text));
    const texts = replies.flatMap(({ reply: { text: one, trackingData }, raw }) => [
      one ?? '',
      trackingData ?? '',
      raw,
    ]);
    expect(texts).toHaveLength(3);
    for (const one of texts) {
      expect(one).not.toContain('\0');
      expect(one).not.toMatch(/\p{Surrogate}/u);
    }
  });

  it('is no status: nothing there names a message', async () => {
    const { intake: taking } = intake();
    await expect(taking.takeAtConnection('good', callback({ status: 1 }))).rejects.toBeInstanceOf(
      CallbackNotReadable,
    );
  });
});
