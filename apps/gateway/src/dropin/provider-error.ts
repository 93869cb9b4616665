import type { WireErrorBody } from '#viber';
import {
  DatabaseUnavailable,
  OutcomeUnknown,
  Overloaded,
  type AppError,
} from '../platform/errors/index.js';
import { wrongParameterCode } from './given-parameters.js';

/** Our fields, by JSON pointer -> the provider's parameters. */
const parameters: Readonly<Record<string, string>> = {
  '/account_id': 'source_addr',
  '/sender': 'source_addr',
  '/recipient': 'destination_addr',
  '/provider_message_type': 'message_type',
  '/two_way': 'message_type',
  '/category': 'source_type',
  '/text': 'text',
  '/image_url': 'image',
  '/button': 'button_caption',
  '/button/caption': 'button_caption',
  '/button/url': 'button_action',
  '/file_url': 'file_url',
  '/validity_seconds': 'validity_period',
  '/fallback_sms_text': 'text_sms',
};

const tooManyRequests = {
  name: 'Too Many Requests',
  message: 'Rate limit exceeded.',
  code: 0,
  status: 429,
} as const;
const internal = {
  name: 'Internal server error',
  message:
    'The server encountered an unexpected condition which prevented it from fulfilling the request',
  code: 2,
  status: 500,
} as const;
const unauthorised = {
  name: 'Unauthorized',
  message: 'Your request was made with invalid credentials.',
  code: 0,
  status: 401,
} as const;
const forbidden = {
  name: 'Forbidden',
  message: 'You are not allowed to perform this action.',
  code: 0,
  status: 403,
} as const;

/**
 * An error in the provider's words. Its clients know four: a parameter is to blame; nothing was done, come again later;
 * nobody knows; and the balance, of which nothing is known here before a message is sent. A key that is not let in
 * is told as the provider's framework does.
 */
export function providerErrorOf(error: AppError): WireErrorBody {
  const { status, code } = error;
  if (status === 401) return unauthorised;
  if (status === 403) return forbidden;
  if (error instanceof OutcomeUnknown) return internal;
  // Nothing was done, so that the same request later does no harm.
  if (error instanceof Overloaded || error instanceof DatabaseUnavailable) return tooManyRequests;
  if (status === 429 || status === 409) return tooManyRequests;
  if (status >= 500) return internal;
  return invalidParameter(parameterOf(error) ?? code);
}

function parameterOf(error: AppError): string | undefined {
  const [first] = error.toProblem().errors ?? [];
  if (first === undefined) return undefined;
  return first.code === wrongParameterCode ? first.pointer.slice(1) : parameters[first.pointer];
}

function invalidParameter(parameter: string): WireErrorBody {
  return {
    name: `Invalid Parameter: [${parameter}]`,
    message: 'Empty parameter or parameter validation error',
    code: 1,
    status: 400,
  };
}
