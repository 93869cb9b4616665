import { Injectable } from '@nestjs/common';
import { Database, sqlFile } from '../platform/database/index.js';
import { pageOf, type Page, type PageRequest } from '../tenants/index.js';
import type { DriftKind, DriftPlace } from './drift-places.js';

export interface DriftRow {
  readonly id: string;
  readonly place: DriftPlace;
  readonly kind: DriftKind;
  readonly detail: string;
  readonly times: number;
  readonly first_at: Date;
  readonly last_at: Date;
  readonly sample: string | null;
}

const listDrift = sqlFile(import.meta.url, './sql/list-drift.sql');

/** Reads the drift for operators. */
@Injectable()
export class DriftReader {
  constructor(private readonly database: Database) {}

  /** The newest difference first. */
  async list({ after, limit }: PageRequest): Promise<Page<DriftRow>> {
    const rows = await this.database.transaction('reads', { role: 'operator' }, (tx) =>
      tx.query<DriftRow>(listDrift, [after, limit + 1]),
    );
    return pageOf(rows, limit);
  }
}
