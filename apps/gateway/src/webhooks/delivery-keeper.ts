import { Injectable } from '@nestjs/common';
import { Database, sqlFile } from '../platform/database/index.js';

const dropOldDeliveries = sqlFile(import.meta.url, './sql/drop-old-deliveries.sql');
const repairLines = sqlFile(import.meta.url, './sql/repair-lines.sql');
const mostAtOnce = 5_000;

/** Keeps house: what is long over goes, and a line that sleeps over its work is woken. */
@Injectable()
export class DeliveryKeeper {
  constructor(private readonly database: Database) {}

  /** @returns true when there may be more to drop */
  async runOnce(): Promise<boolean> {
    return this.database.transaction('hot', { role: 'worker' }, async (tx) => {
      await tx.query(repairLines);
      return (await tx.query(dropOldDeliveries, [mostAtOnce])).length === mostAtOnce;
    });
  }
}
