import { Injectable } from '@nestjs/common';
import { Vault } from '../platform/crypto/index.js';
import { Database } from '../platform/database/index.js';

const readSealed = `select sealed_key as sealed from connections
  union all select sealed_key from callback_keys
  union all select sealed_secret from webhook_secrets
  union all select fingerprint_secret from installation where fingerprint_secret is not null`;

/** What the vault must be able to open: looked through at start, so that a lost key is not found while sending. */
@Injectable()
export class SealedSecrets {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
  ) {}

  /** @throws MasterKeyMissing, MasterKeyWrong: each names the key */
  async assertOpenable(): Promise<void> {
    const rows = await this.database.transaction('reads', { role: 'operator' }, (tx) =>
      tx.query<{ sealed: string }>(readSealed),
    );
    this.vault.assertOpens(rows.map((row) => row.sealed));
  }
}
