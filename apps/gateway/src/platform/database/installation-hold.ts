import { Injectable } from '@nestjs/common';
import { Database } from './database.js';

const isOnHold = 'select exists (select from installation where held_at is not null) as on_hold';

/**
 * Whether the installation is on hold, as the database says now. Sends ask in the statement that locks their lanes;
 * this is for every other call that leaves the house: ask right before it.
 */
@Injectable()
export class InstallationHold {
  constructor(private readonly database: Database) {}

  async isOn(): Promise<boolean> {
    return this.database.transaction('reads', { role: 'worker' }, async (tx) => {
      const [row] = await tx.query<{ on_hold: boolean }>(isOnHold);
      return row?.on_hold !== false;
    });
  }
}
