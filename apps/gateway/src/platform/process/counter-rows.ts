import { randomUUID } from 'node:crypto';

/** A row that was changed so often leaves as many versions behind while some transaction is open that might see them. */
const mostUses = 1_000;
const mostTenants = 10_000;

/**
 * The rows by which a process counts, one for each tenant and of no other process. A busy one is followed by a new row:
 * each change passes all former versions of its row that cannot be cleaned up yet (ADR 0048).
 */
export class CounterRows {
  private readonly rows = new Map<string, { readonly id: string; uses: number }>();

  /** The row of each tenant, as JSON, to count in once. */
  of(tenantIds: Iterable<string>): string {
    const ids: Record<string, string> = {};
    for (const tenantId of new Set(tenantIds)) ids[tenantId] = this.use(tenantId);
    return JSON.stringify(ids);
  }

  private use(tenantId: string): string {
    const known = this.rows.get(tenantId);
    if (known !== undefined && known.uses < mostUses) {
      known.uses += 1;
      return known.id;
    }
    if (known === undefined && this.rows.size >= mostTenants) this.rows.clear();
    const fresh = { id: randomUUID(), uses: 1 };
    this.rows.set(tenantId, fresh);
    return fresh.id;
  }
}
