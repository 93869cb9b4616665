import { Injectable } from '@nestjs/common';
import type { Deviation } from '#viber';
import { Clock } from '../platform/clock/index.js';
import { Database, sqlFile } from '../platform/database/index.js';
import { Ids } from '../platform/ids/index.js';
import { Log, redactWire, redactWireSample } from '../platform/logging/index.js';
import { noTenant } from '../tenants/index.js';
import type { DriftKind, DriftPlace } from './drift-places.js';

/** One difference at one place, as often as it was seen since the last flush. */
interface Sighting {
  readonly id: string;
  readonly place: DriftPlace;
  readonly kind: DriftKind;
  readonly detail: string;
  readonly sample: string | null;
  readonly firstAt: Date;
  lastAt: Date;
  times: number;
}

interface ToldRow {
  readonly kind: DriftKind;
  readonly place: DriftPlace;
  readonly detail: string;
  readonly times: number;
}

const addSightings = sqlFile(import.meta.url, './sql/add-sightings.sql');
const lockDrift = `select pg_advisory_xact_lock(hashtext('tyrian.drift'))`;
/** Differences that are told apart, here and in the table: a provider gone mad must not fill either. */
const mostKinds = 1_000;

/**
 * Counts how the provider differs from the contract that is known. Noting is a look into a map, so that it may stand
 * on every call's way; the counts reach the database with the next flush, and a crash loses those since the last one.
 */
@Injectable()
export class DriftCounter {
  private sightings = new Map<string, Sighting>();

  constructor(
    private readonly database: Database,
    private readonly ids: Ids,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** @param raw the text as it came; asked for where a difference is new, and kept without texts and numbers */
  note(place: DriftPlace, deviations: readonly Deviation[], raw: () => string): void {
    for (const { kind, detail } of deviations) {
      // A name may be a number of somebody: keys go through the same redaction as the sample.
      this.add(place, kind, redactWire(detail), raw);
    }
  }

  /** Writes what was counted. Where that fails it is counted still. */
  async runOnce(): Promise<void> {
    if (this.sightings.size === 0) return;
    const taken = this.sightings;
    this.sightings = new Map();
    try {
      const told = await this.write([...taken.values()]);
      for (const row of told) this.log.warn({ ...row }, 'the provider differs from its contract');
    } catch (error) {
      this.takeBack(taken);
      throw error;
    }
  }

  private add(place: DriftPlace, kind: DriftKind, detail: string, raw: () => string): void {
    const key = `${place}/${kind}/${detail}`;
    const known = this.sightings.get(key);
    const at = this.clock.now();
    if (known) {
      known.times += 1;
      known.lastAt = at;
    } else if (kind !== 'more' && this.sightings.size >= mostKinds) {
      this.add(place, 'more', '', raw);
    } else {
      const sample = kind === 'more' ? null : redactWireSample(raw());
      const id = this.ids.next();
      this.sightings.set(key, {
        id,
        place,
        kind,
        detail,
        sample,
        firstAt: at,
        lastAt: at,
        times: 1,
      });
    }
  }

  private write(sightings: readonly Sighting[]): Promise<ToldRow[]> {
    const rows = sightings.map((sighting) => ({
      id: sighting.id,
      event_id: this.ids.next(),
      place: sighting.place,
      kind: sighting.kind,
      detail: sighting.detail,
      times: sighting.times,
      first_at: sighting.firstAt,
      last_at: sighting.lastAt,
      sample: sighting.sample,
    }));
    return this.database.transaction('reads', { role: 'worker' }, async (tx) => {
      await tx.query(lockDrift);
      return tx.query<ToldRow>(addSightings, [JSON.stringify(rows), mostKinds, noTenant]);
    });
  }

  private takeBack(taken: ReadonlyMap<string, Sighting>): void {
    const since = this.sightings;
    this.sightings = new Map(taken);
    for (const [key, sighting] of since) {
      const earlier = this.sightings.get(key);
      if (earlier === undefined) this.sightings.set(key, sighting);
      else {
        earlier.times += sighting.times;
        earlier.lastAt = sighting.lastAt;
      }
    }
  }
}
