import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { fingerprint, Vault } from '../platform/crypto/index.js';
import { Database } from '../platform/database/index.js';

const context = ['installation', 'fingerprint_secret'];
const readSecret = 'select fingerprint_secret from installation';
const keepSecret =
  'update installation set fingerprint_secret = $1 where fingerprint_secret is null';

/** Recognises equal provider keys without showing them: an HMAC under a secret of the installation. */
@Injectable()
export class KeyFingerprints {
  private secret: Buffer | null = null;

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
  ) {}

  async of(providerKey: string): Promise<Buffer> {
    this.secret ??= await this.loadSecret();
    return fingerprint(this.secret, providerKey);
  }

  /** Made once, at first need: whoever comes second takes the first one's. */
  private async loadSecret(): Promise<Buffer> {
    const sealed = await this.database.transaction('reads', { role: 'operator' }, async (tx) => {
      const found = await tx.query<{ fingerprint_secret: string | null }>(readSecret);
      if (found[0]?.fingerprint_secret != null) return found[0].fingerprint_secret;
      await tx.query(keepSecret, [this.vault.seal(randomBytes(32).toString('base64url'), context)]);
      const kept = await tx.query<{ fingerprint_secret: string }>(readSecret);
      return (kept[0] as { fingerprint_secret: string }).fingerprint_secret;
    });
    return Buffer.from(this.vault.open(sealed, context), 'base64url');
  }
}
