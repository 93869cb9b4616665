import { Injectable } from '@nestjs/common';
import { Database, sqlFile } from '../platform/database/index.js';
import { NotFound } from '../platform/errors/index.js';
import { isDay, readProofCursor, writeProofCursor } from './proof-cursor.js';
import type { Miss, ProofFigures, ProofVerdict } from './proof-figures.js';

/** A day of a tenant as it was last proved. */
export interface ProvedDay {
  readonly tenant_id: string;
  readonly day: string;
  readonly verdict: ProofVerdict;
  readonly figures: ProofFigures;
  readonly misses: readonly Miss[];
  readonly miss_count: number;
  readonly checks: number;
  readonly first_checked_at: Date;
  readonly checked_at: Date;
  readonly next_check_at: Date | null;
  readonly history: readonly { readonly at: string; readonly verdict: ProofVerdict }[];
}

export interface ProofListRequest {
  readonly limit: number;
  readonly cursor?: string;
  readonly verdict?: ProofVerdict;
}

export interface ProofPage {
  readonly rows: readonly ProvedDay[];
  readonly nextCursor: string | null;
}

const listOfTenant = sqlFile(import.meta.url, './sql/list-of-tenant.sql');
const listWorst = sqlFile(import.meta.url, './sql/list-worst.sql');
const readDay = sqlFile(import.meta.url, './sql/read-day.sql');

/** Reads what was proved. */
@Injectable()
export class ProofReader {
  constructor(private readonly database: Database) {}

  /** The newest day first. @throws InvalidCursor */
  async listForTenant(tenantId: string, request: ProofListRequest): Promise<ProofPage> {
    const behind = request.cursor === undefined ? null : readProofCursor(request.cursor);
    const rows = await this.database.transaction('reads', { role: 'tenant', tenantId }, (tx) =>
      tx.query<ProvedDay>(listOfTenant, [
        tenantId,
        behind?.day ?? null,
        request.verdict ?? null,
        request.limit + 1,
      ]),
    );
    return pageFrom(rows, request.limit);
  }

  /** Failures first, then the newest day, over all tenants or of one. @throws InvalidCursor */
  async listForOperator(request: ProofListRequest, tenantId: string | null): Promise<ProofPage> {
    const behind = request.cursor === undefined ? null : readProofCursor(request.cursor);
    const rows = await this.database.transaction('reads', { role: 'operator' }, (tx) =>
      tx.query<ProvedDay>(listWorst, [
        tenantId,
        request.verdict ?? null,
        behind?.isFailed ?? null,
        behind?.day ?? null,
        behind?.tenantId ?? null,
        request.limit + 1,
      ]),
    );
    return pageFrom(rows, request.limit);
  }

  /** @throws NotFound */
  getForTenant(tenantId: string, day: string): Promise<ProvedDay> {
    return this.get({ role: 'tenant', tenantId }, tenantId, day);
  }

  /** @throws NotFound */
  getForOperator(tenantId: string, day: string): Promise<ProvedDay> {
    return this.get({ role: 'operator' }, tenantId, day);
  }

  private async get(
    actor: { readonly role: 'operator' } | { readonly role: 'tenant'; readonly tenantId: string },
    tenantId: string,
    day: string,
  ): Promise<ProvedDay> {
    if (!isDay(day)) throw new NotFound();
    const [row] = await this.database.transaction('reads', actor, (tx) =>
      tx.query<ProvedDay>(readDay, [tenantId, day]),
    );
    if (row === undefined) throw new NotFound();
    return row;
  }
}

function pageFrom(found: readonly ProvedDay[], limit: number): ProofPage {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  if (found.length <= limit || last === undefined) return { rows, nextCursor: null };
  const { day, tenant_id: tenantId, verdict } = last;
  return { rows, nextCursor: writeProofCursor({ isFailed: verdict === 'failed', day, tenantId }) };
}
