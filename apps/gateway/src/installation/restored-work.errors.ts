/** Whoever runs `after-restore` gave times that cannot be: one sentence says what to do. */
export class WrongRestoredSpan extends Error {}

export class NothingSentSince extends WrongRestoredSpan {
  constructor() {
    super(
      '--sending-stopped-at lies before --data-until: then nothing was sent after the data end, and there is nothing ' +
        'to do but to release the installation. Check both times, and their offsets.',
    );
  }
}

export class SendingStillGoesOn extends WrongRestoredSpan {
  constructor() {
    super(
      '--sending-stopped-at lies in the future: stop the gateways on the other database first.',
    );
  }
}
