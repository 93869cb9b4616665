import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SendingAccount } from '../accounts/index.js';
import { AppError } from '../platform/errors/index.js';
import { showId } from '../platform/ids/index.js';
import type { CreateMessageDto } from './dto/create-message.dto.js';
import { smallestIdAt } from './id-time.js';
import { draftMessage, type DraftingContext } from './message-drafter.js';

const acceptedAt = Date.parse('2026-03-01T09:00:00.000Z');
const id = smallestIdAt(acceptedAt);
const second = 1_000;
const day = 86_400 * second;

function anAccount(change: Partial<SendingAccount> = {}): SendingAccount {
  return {
    id: '01900000-0000-7000-8000-00000000000a',
    connectionId: '01900000-0000-7000-8000-0000000000c0',
    name: 'Main',
    senders: [],
    defaultSender: 'Custom Co',
    defaultCategory: 'transactional',
    defaultDeliveryMode: null,
    whenPaused: 'hold',
    pause: null,
    ...change,
  };
}

function aContext(change: Partial<DraftingContext> = {}): DraftingContext {
  return {
    tenantId: '01900000-0000-7000-8000-0000000000f0',
    apiKeyId: '01900000-0000-7000-8000-0000000000b0',
    requestId: 'req-1',
    accounts: [anAccount()],
    defaultDeliveryMode: 'at_most_once',
    ...change,
  };
}

function draft(asked: Partial<CreateMessageDto> = {}, context = aContext()) {
  return draftMessage({ recipient: '+380671234567', text: 'Hello', ...asked }, id, context);
}

function refusal(asked: Partial<CreateMessageDto>, context = aContext()) {
  try {
    draft(asked, context);
  } catch (error) {
    if (error instanceof AppError) return `${error.status} ${error.code} ${error.pointer}`;
    throw error;
  }
  return 'accepted';
}

const picture = {
  text: 'Spring',
  image_url: 'https://shop.example/a.jpg',
  button: { caption: 'Join us', url: 'https://shop.example/join' },
};

describe('a draft', () => {
  it('fills in every default', () => {
    expect(draft()).toEqual({
      tenantId: '01900000-0000-7000-8000-0000000000f0',
      id,
      accountId: '01900000-0000-7000-8000-00000000000a',
      apiKeyId: '01900000-0000-7000-8000-0000000000b0',
      acceptedAt: '2026-03-01T09:00:00.000Z',
      sender: 'Custom Co',
      recipient: '380671234567',
      category: 'transactional',
      class: 1,
      twoWay: false,
      providerMessageType: 106,
      deliveryMode: 'at_most_once',
      text: 'Hello',
      imageUrl: null,
      buttonCaption: null,
      buttonUrl: null,
      fileUrl: null,
      fallbackSmsText: null,
      validitySeconds: 3_600,
      sendAt: null,
      expiresAt: '2026-03-01T10:00:00.000Z',
      clientReference: null,
      groupName: null,
      metadata: null,
      requestId: 'req-1',
    });
  });

  it.each([
    ['text', { text: 'Hello' }, 106],
    ['text, image and button', { ...picture, category: 'promotional' }, 108],
    ['two-way text', { two_way: true }, 206],
    ['two-way text, image and button', { ...picture, two_way: true, category: 'promotional' }, 208],
    ['file', { text: null, file_url: 'https://shop.example/a.pdf', category: 'promotional' }, 222],
    ['promotional text by number', { category: 'promotional', provider_message_type: 225 }, 225],
    ['template by number', { provider_message_type: 301 }, 301],
    ['other template by number', { provider_message_type: 304 }, 304],
  ] as const)('takes the message type from the content: %s', (_what, asked, type) => {
    expect(draft(asked).providerMessageType).toBe(type);
  });

  it('is two-way where the type is, without being told', () => {
    expect(draft({ provider_message_type: 206 }).twoWay).toBe(true);
  });

  it.each([
    ['nothing at all', { text: null }, '/text'],
    [
      'a promotional one with an SMS',
      { category: 'promotional', fallback_sms_text: 'a' },
      '/fallback_sms_text',
    ],
    [
      'a picture without a button',
      { text: 'a', image_url: picture.image_url, category: 'promotional' },
      '/button',
    ],
    ['a transactional picture', picture, '/image_url'],
    [
      'a picture with type 106',
      { ...picture, category: 'promotional', provider_message_type: 106 },
      '/image_url',
    ],
    ['a type that nobody knows', { provider_message_type: 999 }, '/provider_message_type'],
    [
      'a one-way type that should be two-way',
      { provider_message_type: 106, two_way: true },
      '/two_way',
    ],
    [
      'a transactional type for promotion',
      { provider_message_type: 301, category: 'promotional' },
      '/category',
    ],
  ] as const)('refuses what the provider cannot carry: %s', (_what, asked, pointer) => {
    expect(refusal(asked)).toBe(`422 content_not_allowed ${pointer}`);
  });

  it.each([
    ['urgent', 'transactional', 0],
    ['urgent', 'promotional', 0],
    ['normal', 'transactional', 1],
    [null, 'transactional', 1],
    ['normal', 'promotional', 2],
    [null, 'promotional', 2],
  ] as const)('queues %s %s messages in class %i', (priority, category, expected) => {
    expect(draft({ priority, category }).class).toBe(expected);
  });

  it('is valid for an hour when transactional, a day when promotional, or as long as was asked', () => {
    expect(draft({ category: 'promotional' }).validitySeconds).toBe(86_400);
    expect(draft({ validity_seconds: 40 })).toMatchObject({
      validitySeconds: 40,
      expiresAt: '2026-03-01T09:00:40.000Z',
    });
  });

  it('takes the delivery mode from the message, else the account, else the tenant', () => {
    const ofAccount = aContext({ accounts: [anAccount({ defaultDeliveryMode: 'at_least_once' })] });
    const ofTenant = aContext({ defaultDeliveryMode: 'at_least_once' });
    expect(draft({ delivery_mode: 'at_most_once' }, ofAccount).deliveryMode).toBe('at_most_once');
    expect(draft({}, ofAccount).deliveryMode).toBe('at_least_once');
    expect(draft({}, ofTenant).deliveryMode).toBe('at_least_once');
  });

  it('needs a category where the account has none', () => {
    const context = aContext({ accounts: [anAccount({ defaultCategory: null })] });
    expect(refusal({}, context)).toBe('422 category_required /category');
    expect(draft({ category: 'promotional' }, context).category).toBe('promotional');
  });
});

describe('the time to send', () => {
  const at = (offset: number) => ({ send_at: new Date(acceptedAt + offset).toISOString() });

  it('starts the validity', () => {
    expect(draft({ send_at: '2026-03-01T12:00:00+02:00' })).toMatchObject({
      sendAt: '2026-03-01T10:00:00.000Z',
      expiresAt: '2026-03-01T11:00:00.000Z',
    });
  });

  it('is now, when it is not ahead and not over for more than a minute', () => {
    for (const offset of [0, -second, -60 * second]) {
      expect(draft(at(offset))).toMatchObject({
        sendAt: null,
        expiresAt: '2026-03-01T10:00:00.000Z',
      });
    }
    expect(refusal(at(-61 * second))).toBe('422 send_at_past /send_at');
  });

  it('lies at most 30 days ahead', () => {
    expect(refusal(at(30 * day))).toBe('accepted');
    expect(refusal(at(30 * day + 1))).toBe('422 send_at_too_far /send_at');
  });

  it('never lets the validity begin before the acceptance', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -60 * second, max: 30 * day }),
        fc.integer({ min: 40, max: 259_200 }),
        (offset, validity) => {
          const message = draft({ ...at(offset), validity_seconds: validity });
          const begins = Date.parse(message.expiresAt) - validity * second;
          expect(begins).toBe(acceptedAt + Math.max(0, offset));
        },
      ),
    );
  });
});

describe('the account', () => {
  const shop = anAccount({ id: '01900000-0000-7000-8000-000000000001', senders: ['Shop', 'Both'] });
  const bank = anAccount({
    id: '01900000-0000-7000-8000-000000000002',
    senders: ['Bank', 'Both'],
    defaultSender: null,
  });
  const several = aContext({ accounts: [shop, bank] });

  it('is the named one', () => {
    expect(draft({ account_id: showId('acc', bank.id), sender: 'Bank' }, several).accountId).toBe(
      bank.id,
    );
  });

  it('is the only one', () => {
    expect(draft({ sender: 'Bank' }, aContext({ accounts: [bank] })).accountId).toBe(bank.id);
  });

  it('is the one whose senders hold the sender', () => {
    expect(draft({ sender: 'Shop' }, several).accountId).toBe(shop.id);
    expect(draft({ sender: 'Bank' }, several).accountId).toBe(bank.id);
  });

  it.each([
    ['none is there', {}, []],
    ['several are there', {}, [shop, bank]],
    ['several hold the sender', { sender: 'Both' }, [shop, bank]],
    ['none holds the sender', { sender: 'Stranger' }, [shop, bank]],
  ])('is asked for when %s', (_when, asked, accounts) => {
    expect(refusal(asked, aContext({ accounts }))).toBe('422 account_required /account_id');
  });

  it('is unknown alike when it is absent, foreign, malformed or of another kind', () => {
    const foreign = showId('acc', '01900000-0000-7000-8000-0000000000ee');
    for (const account_id of [foreign, 'acc_', 'nonsense', shop.id, showId('msg', shop.id)]) {
      expect(refusal({ account_id }, several)).toBe('422 account_unknown /account_id');
    }
  });
});

describe('the sender', () => {
  it('is the account’s default', () => {
    expect(draft({}).sender).toBe('Custom Co');
    expect(refusal({}, aContext({ accounts: [anAccount({ defaultSender: null })] }))).toBe(
      '422 sender_required /sender',
    );
  });

  it('stands among the senders of the account, where it lists some', () => {
    const listed = aContext({ accounts: [anAccount({ senders: ['Shop'], defaultSender: null })] });
    expect(draft({ sender: 'Shop' }, listed).sender).toBe('Shop');
    expect(refusal({ sender: 'shop' }, listed)).toBe('422 sender_not_allowed /sender');
    expect(draft({ sender: 'Anything' }).sender).toBe('Anything');
  });
});
