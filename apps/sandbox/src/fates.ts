import type { Delay, Fate, Step } from './fate.js';
import type { AnswerName } from './provider/answers.js';
import { smsStatus, status } from './statuses.js';

const second = 1_000;
const hour = 3_600 * second;

const sent: Step = { after: 0, status: status.sent };
const undelivered: Step = { after: 'delivery', status: status.undelivered };
const delivered: Step = { after: 'delivery', status: status.delivered };
const pending: Step = { after: 'delivery', status: status.pending };
const invented: Step = { after: 'delivery', status: status.invented };
const later = (after: Delay, code: number): Step => ({ after, status: code });

const silent: Trait = { callbacks: [] };
const notAccepted = (answer: AnswerName): Trait => ({ accepts: false, answer, life: [] });
const real: Trait = { httpStatus: 'real' };
const once: Trait = { once: true };

type Trait = Partial<Omit<Fate, 'name' | 'code' | 'description'>>;

/** Unless its traits say otherwise: accepted, answered in order, delivered and called back. */
function fate(code: string, name: string, description: string, ...traits: Trait[]): Fate {
  const ordinary: Trait = { accepts: true, answer: 'ok', life: [sent, delivered] };
  return Object.assign({ code, name, description }, ordinary, ...traits) as Fate;
}

/**
 * Every fate that a recipient can ask for. The recipient is `999`, the code, and seven digits of the caller's
 * choice. A new fate is one more line here and one in docs/sandbox.md.
 */
export const fates: readonly Fate[] = [
  // 0x: accepted and answered in order
  fate('00', 'delivered', 'delivered; one callback'),
  fate('01', 'undelivered', 'undelivered (4)', { life: [sent, undelivered] }),
  fate('02', 'rejected', 'rejected (3)', { life: [sent, later('delivery', status.rejected)] }),
  fate('03', 'error', 'error (2)', { life: [sent, later('delivery', status.error)] }),
  fate('04', 'pending', 'pending (5) for an hour, then delivered', {
    life: [sent, pending, later(hour, status.delivered)],
  }),
  fate('05', 'unknown', 'unknown (20) for ever', {
    life: [sent, later('delivery', status.unknown)],
  }),
  fate('06', 'no_callback', 'delivered, but only a status request tells', silent),
  fate('07', 'silent', 'pending for ever, no callback', silent, {
    life: [later(0, status.pending)],
  }),
  fate('08', 'expired', 'pending until its validity ends, then undelivered', {
    life: [sent, pending, later('validity', status.undelivered)],
  }),
  fate('09', 'late', 'delivered after 30 s', {
    life: [sent, later(30 * second, status.delivered)],
  }),

  // 1x: refused with a documented or a likely error
  fate('10', 'refused', '400, Invalid Parameter: [destination_addr]', notAccepted('refused')),
  fate('11', 'refused_real', 'the same under HTTP 400', notAccepted('refused'), real),
  fate('12', 'rate_limited_once', '429, then delivered', notAccepted('rate_limited'), once),
  fate('13', 'rate_limited_once_real', 'HTTP 429, then delivered', notAccepted('rate_limited'), once, real),
  fate('14', 'balance_empty', '402, always', notAccepted('balance_empty')),
  fate('15', 'balance_empty_once', '402, then delivered', notAccepted('balance_empty'), once),
  fate('16', 'unauthorised', '401, always', notAccepted('unauthorised')),
  fate('17', 'forbidden', '403, always', notAccepted('forbidden')),
  fate('18', 'refused_without_brackets', '400, Invalid Parameter: destination_addr', notAccepted('refused_without_brackets')),
  fate('19', 'balance_empty_real', 'HTTP 402, always', notAccepted('balance_empty'), real),

  // 2x: not accepted, and mostly the sender cannot know that
  fate('20', 'error_before', '500, nothing accepted', notAccepted('internal_error')),
  fate('21', 'error_before_real', 'the same under HTTP 500', notAccepted('internal_error'), real),
  fate('22', 'timeout_before', 'never answered, nothing accepted', notAccepted('never')),
  fate('23', 'reset_before', 'connection reset, nothing accepted', notAccepted('reset')),
  fate('24', 'not_found', '404 with a page of HTML', notAccepted('not_found')),
  fate('25', 'redirect', '302 to somewhere else', notAccepted('redirect')),
  fate('26', 'bad_gateway', '502 with a page of HTML, nothing accepted', notAccepted('bad_gateway')),
  fate('27', 'method_not_allowed', '405 with a page of HTML', notAccepted('method_not_allowed')),
  fate('28', 'too_large', '413 with a page of HTML', notAccepted('too_large')),
  fate('29', 'unavailable', '503 with a page of HTML, nothing accepted', notAccepted('unavailable')),

  // 3x: accepted, but the answer does not say so
  fate('30', 'error_after', '500, but delivered', { answer: 'internal_error' }),
  fate('31', 'error_after_real', 'HTTP 500, but delivered', { answer: 'internal_error' }, real),
  fate('32', 'timeout_after', 'never answered, but delivered', { answer: 'never' }),
  fate('33', 'reset_after', 'connection reset, but delivered', { answer: 'reset' }),
  fate('34', 'unreadable', '200 with bytes that are no JSON; delivered', { answer: 'unreadable' }),
  fate('35', 'half_answer', 'the answer breaks off in its middle; delivered', { answer: 'half' }),
  fate('36', 'bad_gateway_after', '502 with a page of HTML, but delivered', {
    answer: 'bad_gateway',
  }),
  fate('37', 'timeout_after_undelivered', 'never answered, accepted, undelivered', {
    answer: 'never',
    life: [sent, undelivered],
  }),
  fate('38', 'timeout_after_silent', 'never answered, delivered, no callback', silent, {
    answer: 'never',
  }),
  fate('39', 'reset_after_late', 'connection reset, delivered after 20 s', {
    answer: 'reset',
    life: [sent, later(20 * second, status.delivered)],
  }),

  // 4x: accepted, with an answer that takes care to read
  fate('40', 'slow', 'answered after SANDBOX_SLOW_ANSWER_MS; delivered', { answer: 'slow' }),
  fate('41', 'lenient_json', 'a comment and a trailing comma in each answer; delivered', {
    answer: 'lenient',
    poll: 'lenient',
  }),
  fate('42', 'huge_id', 'an id beyond 2^53; delivered', { hugeId: true }),
  fate('43', 'id_as_text', 'the id as a JSON string; delivered', {
    answer: 'id_as_text',
    poll: 'id_as_text',
  }),
  fate('44', 'further_keys', 'keys in each answer that nobody knows; delivered', {
    answer: 'further_keys',
    poll: 'further_keys',
  }),
  fate('45', 'empty_answer', '200 without a body; delivered', { answer: 'empty' }),
  fate('46', 'huge_answer', '200 with 8 MiB of blanks before the JSON; delivered', {
    answer: 'huge',
  }),
  fate('47', 'no_id', '200 with JSON that has no id; delivered', { answer: 'without_id' }),
  fate('48', 'closing', 'answered, then the connection is closed; delivered', {
    answer: 'closing',
  }),
  fate('49', 'dribble', 'answered one byte every 20 ms; delivered', { answer: 'dribble' }),

  // 5x: accepted and answered; what is called back takes care
  fate('50', 'callback_first', 'called back before the send is answered; delivered', {
    callbackFirst: true,
    life: [later(0, status.delivered)],
    callbacks: [later(0, status.delivered)],
  }),
  fate('51', 'callbacks_shuffled', 'delivered; callbacks doubled and in wrong order', {
    callbacks: [delivered, later(400, status.pending), later(500, status.delivered), later(600, status.sent), later(700, status.delivered)],
  }),
  fate('52', 'invented_status', 'a status that nobody documented (77), for ever', {
    life: [sent, invented],
  }),
  fate('53', 'invented_then_delivered', 'status 77, then delivered after 2 s', {
    life: [sent, invented, later(2 * second, status.delivered)],
  }),
  fate('54', 'callback_with_phone_number', 'delivered; the callback has a phone_number, too', {
    callbackShape: 'json_with_phone_number',
  }),
  fate('55', 'callback_form', 'delivered; the callback is urlencoded', { callbackShape: 'form' }),
  fate('56', 'callback_text_ids', 'delivered; JSON strings in the callback', {
    callbackShape: 'json_text_ids',
  }),
  fate('57', 'reply', 'delivered; a two-way message gets a reply', {
    reply: { after: 600, text: 'Yes, please' },
  }),
  fate('58', 'delivered_then_undelivered', 'called back as delivered, then undelivered; delivered', {
    callbacks: [delivered, later(600, status.undelivered)],
  }),
  fate('59', 'undelivered_then_delivered', 'called back as undelivered, then delivered; delivered', {
    callbacks: [undelivered, later(600, status.delivered)],
  }),

  // 6x: accepted and answered, no callback; status requests fail
  fate('60', 'poll_error', 'delivered, no callback, status requests get 500', silent, {
    poll: 'internal_error',
  }),
  fate('61', 'poll_refused', 'delivered, no callback, status requests get 400', silent, {
    poll: 'refused',
  }),
  fate('62', 'poll_timeout', 'delivered, no callback, status requests are never answered', silent, {
    poll: 'never',
  }),

  // 7x: accepted and answered, called back in yet other forms
  fate('70', 'callback_multipart', 'delivered; the callback is multipart', {
    callbackShape: 'multipart',
  }),
  fate('71', 'callback_query', 'delivered; the callback is a GET with a query', {
    callbackShape: 'query',
  }),

  // 8x: accepted, undelivered; what becomes of the SMS, where the message has a text for one
  fate('80', 'sms_delivered', 'undelivered (4); then its SMS is delivered (2)', {
    life: [sent, undelivered],
    sms: later('twice the delivery', smsStatus.delivered),
  }),
  fate('81', 'sms_expired', 'undelivered (4); then its SMS is expired (3)', {
    life: [sent, undelivered],
    sms: later('twice the delivery', smsStatus.expired),
  }),
  fate('82', 'sms_undeliverable', 'undelivered (4); then its SMS is undeliverable (5)', {
    life: [sent, undelivered],
    sms: later('twice the delivery', smsStatus.undeliverable),
  }),
  fate('83', 'sms_no_callback', 'undelivered (4), then its SMS is delivered (2); only a status request tells', silent, {
    life: [sent, undelivered],
    sms: later('twice the delivery', smsStatus.delivered),
  }),
];

const byName = new Map(fates.map((fate) => [fate.name, fate]));
const byCode = new Map(fates.map((fate) => [fate.code, fate]));

/** The fate of every recipient outside of the range, and of every code that no fate has. */
export const ordinaryFate = byName.get('delivered')!;

export function findFate(name: string): Fate | undefined {
  return byName.get(name);
}

/** The fate that a recipient's digits ask for. Numbers of other lengths than 12 are ordinary ones. */
export function fateOf(recipient: string): Fate {
  if (recipient.length !== 12 || !recipient.startsWith('999')) return ordinaryFate;
  return byCode.get(recipient.slice(3, 5)) ?? ordinaryFate;
}

/**
 * A recipient that meets this fate, as the wire writes it: digits without `+`.
 * @param n 0 to 9,999,999; tells apart recipients of the same fate.
 */
export function recipientFor(name: string, n = 0): string {
  const fate = findFate(name);
  if (!fate) throw new Error(`There is no fate called ${name}.`);
  if (!Number.isInteger(n) || n < 0 || n > 9_999_999) throw new Error('n must be 0 to 9,999,999.');
  return `999${fate.code}${String(n).padStart(7, '0')}`;
}
