type Parameters = Readonly<Record<string, unknown>>;
type Rule = (value: unknown) => boolean;

/** What a message type needs besides the fields that every message has. Extra ones are ignored. */
interface TypeRule {
  readonly needs: readonly string[];
  readonly twoWay?: true;
  /** 1 promotional, 2 transactional; left out: both. */
  readonly sourceType?: 1 | 2;
}

const picture = ['text', 'image', 'button_caption', 'button_action'] as const;

/** A new type of the provider is one more line. */
const messageTypes: Readonly<Record<number, TypeRule>> = {
  106: { needs: ['text'] },
  108: { needs: picture, sourceType: 1 },
  206: { needs: ['text'], twoWay: true },
  208: { needs: picture, twoWay: true, sourceType: 1 },
  222: { needs: ['file_url'] },
  225: { needs: ['text'], sourceType: 1 },
  301: { needs: ['text'], sourceType: 2 },
  304: { needs: ['text'], sourceType: 2 },
};

const required: Readonly<Record<string, Rule>> = {
  source_addr: lengthFrom(1, 20),
  destination_addr: (value) => /^[1-9]\d{0,19}$/.test(String(value)) && isTextOrNumber(value),
  message_type: (value) => numberOf(value) in messageTypes,
  source_type: (value) => [1, 2].includes(numberOf(value)),
};

const optional: Readonly<Record<string, Rule>> = {
  text: lengthFrom(1, 1000),
  image: isUrl,
  button_caption: lengthFrom(1, 30),
  button_action: isUrl,
  file_url: isUrl,
  callback_url: isUrl,
  validity_period: (value) => numberOf(value) >= 40 && numberOf(value) <= 21_600,
  text_sms: (value) => typeof value === 'string' && value.length <= (isLatin(value) ? 160 : 70),
};

/**
 * The name of the first parameter that the provider would refuse a send for, or null. `0`, an empty string
 * and null mean "not given", as its own clients send them.
 */
export function wrongParameter(parameters: Parameters): string | null {
  for (const [name, rule] of Object.entries(required)) {
    if (!isGiven(parameters[name]) || !rule(parameters[name])) return name;
  }
  for (const [name, rule] of Object.entries(optional)) {
    if (isGiven(parameters[name]) && !rule(parameters[name])) return name;
  }
  const type = messageTypes[numberOf(parameters['message_type'])]!;
  const sourceType = numberOf(parameters['source_type']);
  if (type.sourceType !== undefined && type.sourceType !== sourceType) return 'source_type';
  // The provider's own fallback to SMS is for transactional messages only.
  if (isGiven(parameters['text_sms']) && sourceType !== 2) return 'text_sms';
  return type.needs.find((name) => !isGiven(parameters[name])) ?? null;
}

export function isTwoWay(parameters: Parameters): boolean {
  return messageTypes[numberOf(parameters['message_type'])]?.twoWay ?? false;
}

/** Left out, the provider tries for a day. */
export function validitySeconds(parameters: Parameters): number {
  const value = parameters['validity_period'];
  return isGiven(value) ? numberOf(value) : 86_400;
}

export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && value !== 0 && value !== '0';
}

/** A whole number, also one in a string as forms and one of the provider's clients send it; else NaN. */
function numberOf(value: unknown): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : NaN;
}

/** In code points. */
function lengthFrom(min: number, max: number): Rule {
  return (value) => {
    if (typeof value !== 'string') return false;
    const length = value.length <= max ? value.length : [...value].length;
    return length >= min && length <= max;
  };
}

function isTextOrNumber(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

function isUrl(value: unknown): boolean {
  return typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value);
}

/** Letters that an SMS has in its own alphabet. */
function isLatin(text: string): boolean {
  return /^[\p{ASCII}£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà€]*$/u.test(text);
}
