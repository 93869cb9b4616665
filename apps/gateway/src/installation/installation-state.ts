import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ControlPlane, Database, sqlFile, type DifferentMark } from '../platform/database/index.js';
import { AuditTrail, noTenant, type Actor } from '../tenants/index.js';

const readInstallation = sqlFile(import.meta.url, './sql/read-installation.sql');

const putOnHold = `update installation set held_at = app_clock(), held_because = $1, held_reason = $2, difference = null,
    restored_work_at = null
  where held_at is null returning identity`;
// FOR UPDATE: a comparison of marks that finds a difference at this moment comes before or after.
const lockHold = `select identity, held_at, held_because, difference from installation where held_at is not null for update`;
const endHold = `update installation i set system_identifier = p.system_identifier, timeline = p.timeline,
    database_oid = p.database_oid, marked_at = app_clock(),
    held_at = null, held_because = null, held_reason = null, difference = null, restored_work_at = null
  from present_marks() p`;
const noteRestoredWork =
  'update installation set restored_work_at = app_clock() where held_at is not null returning identity';

/** `marks_differ`: the database is another one than the installation knew, a restored or copied one. */
export const holdCauses = ['marks_differ', 'operator', 'after_restore'] as const;
export type HoldCause = (typeof holdCauses)[number];

/** By what a database is told from a copy of it; null where the server does not let us read it. */
export interface Marks {
  readonly systemIdentifier: string | null;
  readonly timeline: number | null;
  readonly databaseOid: number | null;
}

export interface Hold {
  readonly since: Date;
  readonly because: HoldCause;
  /** People's words. */
  readonly reason: string | null;
  readonly difference: readonly DifferentMark[];
  /** When `after-restore` had dealt with what lay in the queue; null while it has not. */
  readonly restoredWorkAt: Date | null;
}

export interface InstallationView {
  readonly identity: string;
  /** As last accepted. */
  readonly marks: Marks;
  readonly markedAt: Date | null;
  readonly presentMarks: Marks;
  /** null while it sends. */
  readonly hold: Hold | null;
}

interface InstallationRow {
  readonly identity: string;
  readonly system_identifier: string | null;
  readonly timeline: number | null;
  readonly database_oid: number | null;
  readonly marked_at: Date | null;
  readonly held_at: Date | null;
  readonly held_because: HoldCause | null;
  readonly held_reason: string | null;
  readonly difference: readonly DifferentMark[] | null;
  readonly restored_work_at: Date | null;
  readonly present_system_identifier: string | null;
  readonly present_timeline: number | null;
  readonly present_database_oid: number | null;
}

/** The installation's own row: read, put on hold, released (DISPATCH 22). */
@Injectable()
export class InstallationState {
  constructor(
    private readonly database: Database,
    private readonly controlPlane: ControlPlane,
    private readonly audit: AuditTrail,
  ) {}

  async get(): Promise<InstallationView> {
    const [row] = await this.database.transaction('reads', { role: 'operator' }, (tx) =>
      tx.query<InstallationRow>(readInstallation),
    );
    return viewOf(row as InstallationRow);
  }

  /** Stops every call to the outside. One that is on hold already stays as it is, with its cause. */
  async hold(
    because: Exclude<HoldCause, 'marks_differ'>,
    reason: string | null,
    actor: Actor,
  ): Promise<void> {
    await this.run(async (manager) => {
      const [[held]] = (await manager.query(putOnHold, [because, reason])) as [
        { identity: string }[],
      ];
      if (held === undefined) return;
      await this.record(manager, held.identity, actor, 'held', { because, reason });
    });
  }

  /** Takes the present marks for its own and sends again; without a hold it changes nothing. */
  async release(reason: string | null, actor: Actor): Promise<void> {
    await this.run(async (manager) => {
      const [held] = (await manager.query(lockHold)) as {
        identity: string;
        held_at: Date;
        held_because: HoldCause;
        difference: DifferentMark[] | null;
      }[];
      if (held === undefined) return;
      await manager.query(endHold);
      const { held_at: since, held_because: because, difference } = held;
      await this.record(
        manager,
        held.identity,
        actor,
        'released',
        { reason },
        {
          held_at: since,
          because,
          ...(difference === null ? {} : { difference }),
        },
      );
    });
  }

  /** Notes that the work of restored data was dealt with, and how. */
  async noteRestoredWork(actor: Actor, outcome: Record<string, unknown>): Promise<void> {
    await this.run(async (manager) => {
      const [[noted]] = (await manager.query(noteRestoredWork)) as [{ identity: string }[]];
      if (noted === undefined) return;
      await this.record(manager, noted.identity, actor, 'restored_work_dealt_with', outcome);
    });
  }

  private record(
    manager: EntityManager,
    identity: string,
    actor: Actor,
    act: string,
    after: Record<string, unknown>,
    before: Record<string, unknown> | null = null,
  ): Promise<void> {
    return this.audit.record(manager, {
      tenantId: noTenant,
      actor,
      action: `installation.${act}`,
      object: { kind: 'installation', id: identity },
      before,
      after,
    });
  }

  private run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.controlPlane.run({ role: 'operator' }, work);
  }
}

function viewOf(row: InstallationRow): InstallationView {
  return {
    identity: row.identity,
    marks: {
      systemIdentifier: row.system_identifier,
      timeline: row.timeline,
      databaseOid: row.database_oid,
    },
    markedAt: row.marked_at,
    presentMarks: {
      systemIdentifier: row.present_system_identifier,
      timeline: row.present_timeline,
      databaseOid: row.present_database_oid,
    },
    hold:
      row.held_at === null || row.held_because === null
        ? null
        : {
            since: row.held_at,
            because: row.held_because,
            reason: row.held_reason,
            difference: row.difference ?? [],
            restoredWorkAt: row.restored_work_at,
          },
  };
}
