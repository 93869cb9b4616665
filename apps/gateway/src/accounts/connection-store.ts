import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Vault } from '../platform/crypto/index.js';
import { Connection, providerKeyContext } from './connection.entity.js';
import { KeyFingerprints } from './key-fingerprints.js';

export interface NewConnection {
  /** null where the operator owns it. */
  readonly tenantId: string | null;
  readonly id: string;
  readonly name: string;
  readonly maxPerSecond: number | null;
}

/** A provider key with the row that its state lives in. */
export interface RecognisedKey {
  readonly key: string;
  readonly fingerprint: Buffer;
}

/** What may be known of a connection without its key. */
export type KeylessConnection = Pick<
  Connection,
  'tenantId' | 'id' | 'keyVersion' | 'name' | 'maxPerSecond'
>;

/** Keeps provider keys: sealed, each under its place and version, their state by fingerprint. */
@Injectable()
export class ConnectionStore {
  constructor(
    private readonly vault: Vault,
    private readonly fingerprints: KeyFingerprints,
  ) {}

  /** To be called before a transaction: it may need one of its own. */
  async recognise(key: string): Promise<RecognisedKey> {
    return { key, fingerprint: await this.fingerprints.of(key) };
  }

  async insert(
    manager: EntityManager,
    wanted: NewConnection,
    { key, fingerprint }: RecognisedKey,
  ): Promise<void> {
    await addState(manager, fingerprint);
    await manager.insert(Connection, {
      ...wanted,
      fingerprint,
      sealedKey: this.vault.seal(key, providerKeyContext({ ...wanted, keyVersion: 1 })),
    });
  }

  /**
   * Puts another key in place. A pause or a Retry-After that the old one brought about ends with it.
   * @param connection locked by the caller
   * @returns the new version
   */
  async replaceKey(
    manager: EntityManager,
    connection: KeylessConnection,
    { key, fingerprint }: RecognisedKey,
  ): Promise<number> {
    const keyVersion = connection.keyVersion + 1;
    await addState(manager, fingerprint);
    await manager.update(
      Connection,
      { id: connection.id },
      {
        sealedKey: this.vault.seal(key, providerKeyContext({ ...connection, keyVersion })),
        keyVersion,
        fingerprint,
        keyVerdict: 'unchecked',
        keyCheckedAt: null,
        updatedAt: () => 'app_clock()',
      },
    );
    await endPauseAndHold(manager, fingerprint);
    return keyVersion;
  }

  /** Against other edits of it; null where it is absent, or not to be changed by the role of the transaction. */
  lock(manager: EntityManager, id: string): Promise<KeylessConnection | null> {
    return manager.findOne(Connection, {
      where: { id },
      select: { tenantId: true, id: true, keyVersion: true, name: true, maxPerSecond: true },
      lock: { mode: 'for_no_key_update' },
    });
  }
}

/**
 * Makes the state row of a key, unless another connection carries the same one already. Without a conflict target
 * and RETURNING: a tenant may not see the row before a connection of its own leads there.
 */
async function addState(manager: EntityManager, fingerprint: Buffer): Promise<void> {
  await manager.query(
    'insert into connection_states (fingerprint) values ($1) on conflict do nothing',
    [fingerprint],
  );
}

/** Somebody vouches for the key: what a former user of it ran into no longer counts. */
async function endPauseAndHold(manager: EntityManager, fingerprint: Buffer): Promise<void> {
  await manager.query(
    `update connection_states set paused_at = null, pause_reason = null,
       epoch = epoch + (paused_at is not null)::integer,
       not_before = null, probe_until = null, probe_by = null, updated_at = app_clock()
     where fingerprint = $1 and (paused_at is not null or not_before is not null)`,
    [fingerprint],
  );
}
