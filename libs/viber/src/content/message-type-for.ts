import {
  messageTypes,
  sourceTypes,
  type ContentPart,
  type MessageCategory,
  type MessageType,
} from './message-types.js';

/** A message's content as its sender describes it. Null and undefined mean "not given". */
export interface MessageContent {
  text?: string | null;
  imageUrl?: string | null;
  button?: { caption?: string | null; url?: string | null } | null;
  fileUrl?: string | null;
  category: MessageCategory;
  /** Left out: one-way, or what `providerMessageType` says. */
  twoWay?: boolean | null;
  /** A type from the table, asked for by its number. */
  providerMessageType?: number | null;
}

/** The field, in its sender's words, that a refusal points to. */
export type ContentField = ContentPart | 'category' | 'two_way' | 'provider_message_type';

export type MessageTypeVerdict =
  | { ok: true; type: number; sourceType: 1 | 2; twoWay: boolean }
  | { ok: false; reason: string; field: ContentField };

interface Refusal {
  ok: false;
  reason: string;
  field: ContentField;
}

/**
 * The wire's `message_type` and `source_type` that follow from a content, or why there is none.
 * Decides about combinations only; lengths and URLs are checked by the caller.
 */
export function messageTypeFor(content: MessageContent): MessageTypeVerdict {
  const brokenButton = refuseButton(content);
  if (brokenButton) return brokenButton;
  const given = partsOf(content);

  if (content.providerMessageType != null) {
    const asked = messageTypes.find((line) => line.type === content.providerMessageType);
    return asked ? judge(asked, content, given) : unknownType(content.providerMessageType);
  }

  let nearest: MessageType | undefined;
  for (const line of messageTypes) {
    if (line.chosen !== 'by content' || line.twoWay !== (content.twoWay ?? false)) continue;
    const verdict = judge(line, content, given);
    if (verdict.ok) return verdict;
    // The refusal that helps is that of the type which the content comes closest to.
    if (!nearest || closeness(line, given) > closeness(nearest, given)) nearest = line;
  }
  return judge(nearest!, content, given);
}

function partsOf(content: MessageContent): ContentPart[] {
  const given: ContentPart[] = [];
  if (content.text) given.push('text');
  if (content.imageUrl) given.push('image_url');
  if (content.button) given.push('button');
  if (content.fileUrl) given.push('file_url');
  return given;
}

function refuseButton({ button }: MessageContent): Refusal | null {
  if (button && !button.url) return refusal('button', 'A button needs a url.');
  if (button && !button.caption) return refusal('button', 'A button needs a caption.');
  return null;
}

function judge(
  line: MessageType,
  content: MessageContent,
  given: ContentPart[],
): MessageTypeVerdict {
  const asked = content.providerMessageType != null;
  const subject = asked
    ? `Message type ${line.type} (${line.name})`
    : `A message of this kind (${line.name})`;

  if (content.twoWay != null && content.twoWay !== line.twoWay) {
    return refusal('two_way', `${subject} is ${line.twoWay ? '' : 'not '}two-way.`);
  }
  const extra = given.find((part) => !line.needs.includes(part) && !line.allows.includes(part));
  if (extra) return refusal(extra, `${subject} cannot carry ${extra}.`);

  if (!line.categories.includes(content.category)) {
    const beyondText = given.find((part) => part !== 'text');
    return beyondText && content.category === 'transactional'
      ? refusal(beyondText, `A transactional message carries text only, not ${beyondText}.`)
      : refusal('category', `${subject} cannot be ${content.category}.`);
  }
  const missing = line.needs.find((part) => !given.includes(part));
  if (missing) return refusal(missing, `${subject} needs ${missing}.`);

  return {
    ok: true,
    type: line.type,
    sourceType: sourceTypes[content.category],
    twoWay: line.twoWay,
  };
}

/** Parts in common count most, then how few are missing; a line that cannot carry a part is further off. */
function closeness(line: MessageType, given: ContentPart[]): number {
  const common = given.filter((part) => line.needs.includes(part) || line.allows.includes(part));
  const missing = line.needs.filter((part) => !given.includes(part));
  return common.length * 10 - missing.length;
}

function unknownType(asked: number): Refusal {
  const known = messageTypes.map((line) => line.type).join(', ');
  return refusal('provider_message_type', `There is no message type ${asked}; known are ${known}.`);
}

function refusal(field: ContentField, reason: string): Refusal {
  return { ok: false, reason, field };
}
