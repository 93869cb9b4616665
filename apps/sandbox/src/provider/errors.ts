import type { WireErrorBody } from '#viber';

/** The documented errors, and those of the framework that the provider's answers look like. */
export const errors = {
  rateLimited: { name: 'Too Many Requests', message: 'Rate limit exceeded.', code: 0, status: 429 },
  internal: {
    name: 'Internal server error',
    message:
      'The server encountered an unexpected condition which prevented it from fulfilling the request',
    code: 2,
    status: 500,
  },
  balanceEmpty: {
    name: 'Topup balance is required',
    message: 'User balance is empty',
    code: 3,
    status: 402,
  },
  unauthorised: {
    name: 'Unauthorized',
    message: 'Your request was made with invalid credentials.',
    code: 0,
    status: 401,
  },
  forbidden: {
    name: 'Forbidden',
    message: 'You are not allowed to perform this action.',
    code: 0,
    status: 403,
  },
} as const satisfies Record<string, WireErrorBody>;

/** @param parameter as it is to stand in the name, with brackets or without. */
export function invalidParameter(parameter: string): WireErrorBody {
  return {
    name: `Invalid Parameter: ${parameter}`,
    message: 'Empty parameter or parameter validation error',
    code: 1,
    status: 400,
  };
}
