import { AppError, defineProblem } from '../platform/errors/index.js';

export const mostEndpoints = 50;
export const mostSecrets = 5;
export const mostReplayed = 50_000;

export class TooManyWebhookEndpoints extends AppError {
  static readonly problem = defineProblem({
    code: 'too_many_webhook_endpoints',
    status: 409,
    title: 'Too many webhook endpoints',
    meaning: `A tenant has ${mostEndpoints} webhook endpoints at most.`,
    action: 'Delete one that is not used, or give one endpoint more events.',
  });

  constructor() {
    super(TooManyWebhookEndpoints.problem, {
      detail: `There are ${mostEndpoints} endpoints already.`,
    });
  }
}

export class TooManySigningSecrets extends AppError {
  static readonly problem = defineProblem({
    code: 'too_many_signing_secrets',
    status: 409,
    title: 'Too many signing secrets',
    meaning: `${mostSecrets} signing secrets of the endpoint are valid already, after rotations that overlap.`,
    action: 'Wait until one has expired, or rotate with a shorter `overlap_seconds`.',
  });

  constructor() {
    super(TooManySigningSecrets.problem, {
      detail: `${mostSecrets} secrets of the endpoint are valid already.`,
    });
  }
}

export class EndpointDisabled extends AppError {
  static readonly problem = defineProblem({
    code: 'endpoint_disabled',
    status: 409,
    title: 'Endpoint disabled',
    meaning: 'The webhook endpoint is disabled: nothing is delivered to it.',
    action: 'Enable it first: PATCH it with `status` "enabled".',
  });

  constructor() {
    super(EndpointDisabled.problem, { detail: 'The endpoint is disabled.' });
  }
}

export class ReplayTooLarge extends AppError {
  static readonly problem = defineProblem({
    code: 'replay_too_large',
    status: 422,
    title: 'Replay too large',
    meaning: `More than ${mostReplayed.toLocaleString('en')} events lie between the two times.`,
    action: 'Ask for a shorter time, or for fewer types.',
  });

  constructor() {
    super(ReplayTooLarge.problem, {
      detail: `More than ${mostReplayed.toLocaleString('en')} events lie between the two times.`,
      pointer: '/since',
    });
  }
}

export class ReplayTooOld extends AppError {
  static readonly problem = defineProblem({
    code: 'replay_too_old',
    status: 422,
    title: 'Replay too old',
    meaning: 'Events are kept for 30 days; `since` lies before that.',
    action: 'Give a later `since`. Older messages are read by `GET /v1/messages`.',
  });

  constructor() {
    super(ReplayTooOld.problem, {
      detail: 'since lies more than 30 days back.',
      pointer: '/since',
    });
  }
}

export class WebhooksOnHold extends AppError {
  static readonly problem = defineProblem({
    code: 'installation_on_hold',
    status: 409,
    title: 'Installation on hold',
    meaning: 'The operator, or a restored database, holds the installation: nothing leaves it.',
    action: 'Wait until the operator releases it.',
  });

  constructor() {
    super(WebhooksOnHold.problem, { detail: 'Nothing leaves the installation at present.' });
  }
}
