/** What the provider said, made fit to be kept and shown: it may echo what it was sent. */

// The provider's id comes first, so that its digits are not taken for a phone number. A number may be as short as
// seven digits, and with its plus it may hold separators; a callback URL ends in a mac.
const shapes =
  /("message_id"\s*:\s*"?\d+)|\/callbacks\/[^\s"<>\\]+|\+\d(?:[ ().-]{0,2}\d){6,}|\d{7,}/g;

/** Takes phone numbers and callback URLs out of a text of the wire; the rest stays as it came. */
export function redactWire(text: string): string {
  return text.replace(shapes, (found, messageId: string | undefined) => messageId ?? hidden(found));
}

function hidden(found: string): string {
  return found.startsWith('/') ? '/callbacks/…' : '…';
}

const longestSample = 500;
/** The members whose texts are ids, statuses and codes, and never words of people. */
const plainMembers = 'message_id|status|code|sms_message_id|sms_message_status';

// In their order: a member that is plain, the name of any member, any other text (closed or cut off), a comment.
const tokens = new RegExp(
  [
    `("(?:${plainMembers})"\\s*:\\s*"\\d{1,20}")`,
    '("(?:[^"\\\\]|\\\\.)*"\\s*:)',
    '("(?:[^"\\\\]|\\\\.)*"?)',
    '(\\/\\/[^\\n]*|\\/\\*[^]*?(?:\\*\\/|$))',
  ].join('|'),
  'g',
);

/**
 * The form of a text of the wire without what it says: members, numbers and punctuation of JSON stay, texts and
 * comments go; of anything else only its mark-up stays.
 */
export function redactWireSample(text: string): string {
  const begin = text.trimStart().replace(/^\uFEFF/, '');
  const bare = /^[[{"/]/.test(begin) ? withoutTexts(text) : markUpOf(text);
  // In code points: half a character is what no database takes.
  const points = Array.from(redactWire(bare));
  return points.length > longestSample
    ? `${points.slice(0, longestSample).join('')}…`
    : points.join('');
}

function withoutTexts(json: string): string {
  return json.replace(
    tokens,
    (_found, plain?: string, name?: string, said?: string, comment?: string) => {
      if (plain !== undefined) return plain;
      if (name !== undefined) return name;
      if (said !== undefined) return '"…"';
      return comment?.startsWith('//') ? '// …' : '/* … */';
    },
  );
}

/** `<h1>Bad Gateway</h1>` becomes `<h1>…</h1>`; attributes go as well. */
function markUpOf(text: string): string {
  if (text.trim() === '') return '';
  const parts = text.match(/<\/?[a-z][a-z0-9]*|[^<]+|</gi) ?? [];
  let bare = '';
  for (const part of parts) {
    if (/^<\/?[a-z]/i.test(part)) bare += `${part}>`;
    else if (!bare.endsWith('…') && part.replace(/^[^>]*>/, '').trim() !== '') bare += '…';
  }
  return bare;
}
