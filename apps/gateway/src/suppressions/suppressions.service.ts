import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ControlPlane, Database, sqlFile } from '../platform/database/index.js';
import { withoutDeadline } from '../platform/deadline/index.js';
import { NotFound } from '../platform/errors/index.js';
import { Ids } from '../platform/ids/index.js';
import { AuditTrail, pageOf, type Actor, type Page, type PageRequest } from '../tenants/index.js';
import type {
  NewSuppression,
  Suppression,
  SuppressionCategory,
  SuppressionSource,
} from './suppression.js';

/** What a list is narrowed to; null narrows nothing. */
export interface SuppressionFilters {
  /** Digits. */
  readonly recipient: string | null;
  readonly category: SuppressionCategory | null;
  readonly source: SuppressionSource | null;
}

const enterSuppressions = sqlFile(import.meta.url, './sql/enter-suppressions.sql');
const listSuppressions = sqlFile(import.meta.url, './sql/list-suppressions.sql');
const readSuppression = sqlFile(import.meta.url, './sql/read-suppression.sql');
const removeSuppression = sqlFile(import.meta.url, './sql/remove-suppression.sql');

const rowsOfStatement = 1_000;
const everything: SuppressionFilters = { recipient: null, category: null, source: null };

/** A tenant's list of recipients who must not be written to. The accepting statement asks it (messages). */
@Injectable()
export class SuppressionsService {
  constructor(
    private readonly database: Database,
    private readonly controlPlane: ControlPlane,
    private readonly audit: AuditTrail,
    private readonly ids: Ids,
  ) {}

  /** Newest first. */
  async list(
    tenantId: string,
    filters: SuppressionFilters,
    { after, limit }: PageRequest,
  ): Promise<Page<Suppression>> {
    const { recipient, category, source } = filters;
    const rows = await this.database.transaction('reads', { role: 'tenant', tenantId }, (tx) =>
      tx.query<Suppression>(listSuppressions, [
        tenantId,
        after,
        limit + 1,
        recipient,
        category,
        source,
      ]),
    );
    return pageOf(rows, limit);
  }

  /** @throws NotFound */
  async get(tenantId: string, id: string): Promise<Suppression> {
    const [row] = await this.database.transaction('reads', { role: 'tenant', tenantId }, (tx) =>
      tx.query<Suppression>(readSuppression, [tenantId, id, null]),
    );
    if (row === undefined) throw new NotFound();
    return row;
  }

  /** Enters a recipient, or gives the entry that stands; a narrower one is widened. */
  add(tenantId: string, entry: NewSuppression, actor: Actor): Promise<Suppression> {
    return this.write(tenantId, async (manager) => {
      const changed = await this.enter(manager, tenantId, [entry], 'api');
      const rows = (await manager.query(readSuppression.text, [
        tenantId,
        null,
        entry.recipient,
      ])) as Suppression[];
      const [row] = rows as [Suppression];
      if (changed > 0) {
        await this.audit.record(manager, {
          tenantId,
          actor,
          action: 'suppression.entered',
          object: { kind: 'suppression', id: row.id },
          after: { category: row.category, source: row.source },
        });
      }
      return row;
    });
  }

  /**
   * Enters many recipients, all or none.
   * @returns how many are new, or wider than before
   */
  import(tenantId: string, entries: readonly NewSuppression[], actor: Actor): Promise<number> {
    return this.write(tenantId, async (manager) => {
      let changed = 0;
      for (let start = 0; start < entries.length; start += rowsOfStatement) {
        const chunk = entries.slice(start, start + rowsOfStatement);
        changed += await this.enter(manager, tenantId, chunk, 'import');
      }
      await this.audit.record(manager, {
        tenantId,
        actor,
        action: 'suppression.imported',
        object: { kind: 'suppression', id: this.ids.next() },
        after: { rows: entries.length, changed },
      });
      return changed;
    });
  }

  /** @throws NotFound */
  async remove(tenantId: string, id: string, actor: Actor): Promise<void> {
    await this.write(tenantId, async (manager) => {
      const rows = (await manager.query(removeSuppression.text, [tenantId, id])) as Pick<
        Suppression,
        'category' | 'source'
      >[];
      const [before] = rows;
      if (before === undefined) throw new NotFound();
      await this.audit.record(manager, {
        tenantId,
        actor,
        action: 'suppression.removed',
        object: { kind: 'suppression', id },
        before: { category: before.category, source: before.source },
      });
    });
  }

  /** All of them, newest first, page by page: each one read when it is asked for. */
  async *pages(tenantId: string): AsyncGenerator<readonly Suppression[]> {
    let after: string | null = null;
    do {
      const rows: readonly Suppression[] = await this.pageAfter(tenantId, after);
      if (rows.length > 0) yield rows;
      after = rows.length < rowsOfStatement ? null : rows.at(-1)!.id;
    } while (after !== null);
  }

  /** It may be asked for long after its request was: a reader takes its time. */
  private async pageAfter(tenantId: string, after: string | null): Promise<readonly Suppression[]> {
    const wanted = { after, limit: rowsOfStatement };
    const { rows } = await withoutDeadline(() => this.list(tenantId, everything, wanted));
    return rows;
  }

  private write<T>(tenantId: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.controlPlane.run({ role: 'tenant', tenantId }, work);
  }

  /** @param entries each recipient once */
  private async enter(
    manager: EntityManager,
    tenantId: string,
    entries: readonly NewSuppression[],
    source: SuppressionSource,
  ): Promise<number> {
    const rows = entries.map((entry) => ({ tenant_id: tenantId, id: this.ids.next(), ...entry }));
    const changed = (await manager.query(enterSuppressions.text, [
      JSON.stringify(rows),
      source,
    ])) as unknown[];
    return changed.length;
  }
}
