import { messageTypes, validityPeriodSeconds, type MessageCategory } from '#viber';
import { isWebUrl } from '../messages/index.js';
import { GivenParameters, wrongParameter } from './given-parameters.js';

/** A send as the client asked for it, in our words. */
export interface SendRequest {
  /** As `POST /v1/messages` takes it; checked there. */
  readonly message: Readonly<Record<string, unknown>>;
  readonly callbackUrl: string | null;
  /** Parameters that are no part of the call. */
  readonly unknown: number;
  /** Parameters that the message type does not carry: they are not sent. */
  readonly notCarried: number;
}

const names: ReadonlySet<string> = new Set([
  'source_addr',
  'destination_addr',
  'message_type',
  'text',
  'image',
  'button_caption',
  'button_action',
  'file_url',
  'source_type',
  'callback_url',
  'validity_period',
  'text_sms',
]);

const categories: Readonly<Record<number, MessageCategory>> = {
  1: 'promotional',
  2: 'transactional',
};

/** Without a period the provider tries for a day. */
const providersDaySeconds = 86_400;

/**
 * Reads `send-viber`. The message type decides what the message carries: what it does not carry is left aside,
 * as the provider does.
 * @throws InvalidRequest that points to the provider's parameter
 */
export function readSendRequest(body: Buffer | undefined): SendRequest {
  const given = GivenParameters.of(body);
  const parts = {
    text: given.text('text'),
    image_url: given.text('image'),
    button: buttonOf(given),
    file_url: given.text('file_url'),
  };
  const type = typeOf(given);
  const carried = Object.entries(parts).filter(
    ([part]) => type === null || carries(type, part as keyof typeof parts),
  );
  const present = Object.values(parts).filter((value) => value !== null).length;
  return {
    message: {
      sender: given.text('source_addr'),
      recipient: given.text('destination_addr'),
      ...Object.fromEntries(carried),
      category: categoryOf(given),
      provider_message_type: type?.type ?? null,
      validity_seconds: validityOf(given),
      fallback_sms_text: given.text('text_sms'),
    },
    callbackUrl: callbackUrlOf(given),
    unknown: given.countBeside(names),
    notCarried: present - carried.filter(([, value]) => value !== null).length,
  };
}

type MessageType = (typeof messageTypes)[number];

function carries(type: MessageType, part: MessageType['needs'][number]): boolean {
  return type.needs.includes(part) || type.allows.includes(part);
}

function buttonOf(given: GivenParameters): object | null {
  const caption = given.text('button_caption');
  const url = given.text('button_action');
  return caption === null && url === null ? null : { caption, url };
}

function typeOf(given: GivenParameters): MessageType | null {
  const asked = given.integer('message_type');
  if (asked === null) return null;
  const type = messageTypes.find((line) => line.type === asked);
  if (type === undefined) throw wrongParameter('message_type');
  return type;
}

function categoryOf(given: GivenParameters): MessageCategory | null {
  const asked = given.integer('source_type');
  if (asked === null) return null;
  const category = categories[asked];
  if (category === undefined) throw wrongParameter('source_type');
  return category;
}

function validityOf(given: GivenParameters): number {
  const seconds = given.integer('validity_period');
  if (seconds === null) return providersDaySeconds;
  const { min, max } = validityPeriodSeconds;
  if (seconds < min || seconds > max) throw wrongParameter('validity_period');
  return seconds;
}

function callbackUrlOf(given: GivenParameters): string | null {
  const url = given.text('callback_url');
  if (url !== null && !isWebUrl(url)) throw wrongParameter('callback_url');
  return url;
}
