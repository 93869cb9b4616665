import { AppError, defineProblem } from '../errors/index.js';
import { refusalMeanings, type OutboundRefusal } from './outbound-policy.js';

export class UrlNotAllowed extends AppError {
  static readonly problem = defineProblem({
    code: 'url_not_allowed',
    status: 422,
    title: 'URL not allowed',
    meaning:
      'The gateway does not call this URL; `reason` says why. URLs must be https, on port 443 or 8443, without a user, and lead to public addresses, unless the operator has opened others.',
    action: 'Give another URL, or ask the operator to allow its address (OUTBOUND_ALLOW_CIDRS).',
  });

  constructor(pointer: string, reason: OutboundRefusal) {
    super(UrlNotAllowed.problem, { pointer, detail: refusalMeanings[reason], extra: { reason } });
  }
}
