import { Injectable } from '@nestjs/common';
import type { ViberCredential } from '#viber';
import { Clock } from '../platform/clock/index.js';
import { Configuration } from '../platform/config/index.js';
import { Vault } from '../platform/crypto/index.js';
import { Database, sqlFile } from '../platform/database/index.js';
import { LookUpCache } from '../tenants/index.js';
import { providerKeyContext } from './connection.entity.js';

const readConnectionKeys = sqlFile(import.meta.url, './sql/read-connection-keys.sql');
const maxAgeMs = 1_000;
const size = 10_000;

/**
 * What a sender signs in with, together with the state row that its answers concern. The object is the same
 * one as long as the key is, so that a client can keep what it makes of it.
 */
export interface OpenedKey extends ViberCredential {
  readonly fingerprint: Buffer;
  readonly version: number;
}

interface KeyRow {
  readonly id: string;
  readonly tenant_id: string | null;
  readonly sealed_key: string;
  readonly key_version: number;
  readonly fingerprint: Buffer;
}

export class ConnectionNotFound extends Error {
  override readonly name = 'ConnectionNotFound';

  constructor(connectionId: string) {
    super(`there is no connection ${connectionId}`);
  }
}

/** Provider keys for the senders, unsealed and at most a second old. */
@Injectable()
export class ConnectionKeys {
  private readonly cache: LookUpCache<KeyRow>;
  private readonly opened = new Map<string, OpenedKey>();

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly configuration: Configuration,
    clock: Clock,
  ) {
    this.cache = new LookUpCache({
      load: (ids) => this.load(ids),
      maxAgeMs,
      maxAbsentAgeMs: 0,
      size,
      nowMs: () => clock.monotonicMs(),
    });
  }

  /** @throws ConnectionNotFound, SealBroken, MasterKeyMissing */
  async open(connectionId: string): Promise<OpenedKey> {
    const row = await this.cache.get(connectionId);
    if (row === null) throw new ConnectionNotFound(connectionId);
    return this.openRow(row);
  }

  /** Makes a rotation that this process has just committed felt here at once. */
  invalidate(connectionId: string): void {
    this.cache.invalidate(connectionId);
  }

  private async load(ids: readonly string[]): Promise<ReadonlyMap<string, KeyRow>> {
    const rows = await this.database.transaction('hot', { role: 'worker' }, (transaction) =>
      transaction.query<KeyRow>(readConnectionKeys, [ids]),
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  private openRow(row: KeyRow): OpenedKey {
    const known = this.opened.get(row.id);
    if (known?.version === row.key_version) return known;
    const { id, tenant_id: tenantId, key_version: version, fingerprint } = row;
    const key = this.vault.open(
      row.sealed_key,
      providerKeyContext({ tenantId, id, keyVersion: version }),
    );
    const opened = Object.freeze({
      key,
      auth: this.configuration.provider.auth,
      fingerprint,
      version,
    });
    // One entry for each connection that this process sends over: bounded by its lanes.
    this.opened.set(id, opened);
    return opened;
  }
}
