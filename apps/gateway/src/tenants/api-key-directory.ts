import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/index.js';
import { Database, sqlFile } from '../platform/database/index.js';
import type { Caller } from './caller.js';
import { LookUpCache } from './look-up-cache.js';
import { ScopeSet } from './scopes.js';
import type { DeliveryMode, TenantStatus } from './tenant.entity.js';

const findApiKeys = sqlFile(import.meta.url, './sql/find-api-keys.sql');

/** A revoked key stops on every replica after this time. */
const maxAgeMs = 2_000;
const maxAbsentAgeMs = 1_000;
const size = 20_000;
/** Who comes later is turned away rather than made to wait for most of the request's time. */
const longestReadMs = 1_000;
/** With the time to get a connection still below the 3 s in which a dead database is answered for. */
const statementTimeoutMs = 1_500;

/** A key as the guard needs it. */
export interface KnownApiKey {
  readonly hash: Buffer;
  readonly revoked: boolean;
  readonly caller: Caller;
}

interface ApiKeyRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly prefix: string;
  readonly secret_hash: Buffer;
  readonly scopes: string[];
  readonly account_ids: string[] | null;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly tenant_status: TenantStatus;
  readonly default_delivery_mode: DeliveryMode;
}

/** API keys by their prefix, a few seconds old at the most. */
@Injectable()
export class ApiKeyDirectory {
  private readonly cache: LookUpCache<KnownApiKey>;

  constructor(
    private readonly database: Database,
    clock: Clock,
  ) {
    this.cache = new LookUpCache({
      load: (prefixes) => this.load(prefixes),
      maxAgeMs,
      maxAbsentAgeMs,
      size,
      longestReadMs,
      nowMs: () => clock.monotonicMs(),
    });
  }

  /** Undefined where the database must be asked. */
  peek(prefix: string): KnownApiKey | null | undefined {
    return this.cache.peek(prefix);
  }

  /** @param leftMs how long the request can wait */
  find(prefix: string, leftMs: number): Promise<KnownApiKey | null> {
    return this.cache.get(prefix, maxAgeMs, leftMs);
  }

  /** Makes a change that this process has just committed felt here at once. */
  invalidate(prefix: string): void {
    this.cache.invalidate(prefix);
  }

  private async load(prefixes: readonly string[]): Promise<ReadonlyMap<string, KnownApiKey>> {
    const rows = await this.database.transaction(
      // Few and short: behind the flushes and the loops of the hot pool each request would wait for them.
      'callbacks',
      { role: 'ingest', statementTimeoutMs, access: 'read' },
      (transaction) => transaction.query<ApiKeyRow>(findApiKeys, [prefixes]),
    );
    return new Map(rows.map((row) => [row.prefix, knownApiKey(row)]));
  }
}

function knownApiKey(row: ApiKeyRow): KnownApiKey {
  return {
    hash: row.secret_hash,
    revoked: row.revoked_at !== null,
    caller: Object.freeze({
      tenantId: row.tenant_id,
      tenantStatus: row.tenant_status,
      apiKeyId: row.id,
      scopes: new ScopeSet(row.scopes),
      accountIds: row.account_ids,
      expiresAt: row.expires_at,
      defaultDeliveryMode: row.default_delivery_mode,
    }),
  };
}
