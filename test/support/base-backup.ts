import { execFileSync } from 'node:child_process';
import { chownSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { eventually } from './eventually.js';

/** Settings of a server that keeps its WAL in its own data directory. That need not be there before the cluster is. */
export const archiving: Readonly<Record<string, string>> = {
  archive_mode: 'on',
  archive_command: 'mkdir -p archive && cp %p archive/%f',
};

/** Settings of a server that begins with a base backup and is to reach a time, on a new timeline. */
export function recoveringTo(time: string): Readonly<Record<string, string>> {
  return {
    restore_command: 'cp archive/%f %p',
    recovery_target_time: time,
    recovery_target_action: 'promote',
  };
}

/** Copies a data directory while its server runs; the label tells recovery where to begin. */
export async function takeBaseBackup(
  superuserUrl: string,
  from: string,
  to: string,
): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(`select pg_backup_start('test', true)`);
    execFileSync('cp', ['-a', from, to]);
    const { rows } = await client.query<{ labelfile: string }>(
      'select labelfile from pg_backup_stop(false)',
    );
    rmSync(join(to, 'postmaster.pid'));
    execFileSync('find', [join(to, 'pg_wal'), '-type', 'f', '-delete']);
    const { uid, gid } = statSync(to);
    for (const [name, text] of [
      ['backup_label', rows[0]?.labelfile ?? ''],
      ['recovery.signal', ''],
    ] as const) {
      writeFileSync(join(to, name), text);
      chownSync(join(to, name), uid, gid);
    }
  } finally {
    await client.end();
  }
}

/** Puts all WAL that there is by now into the archive of a base backup. */
export async function bringArchive(
  query: <Row>(text: string) => Promise<Row[]>,
  from: string,
  to: string,
): Promise<void> {
  const [wal] = await query<{ name: string }>('select pg_walfile_name(pg_switch_wal()) as name');
  const isArchived = async (): Promise<boolean> => {
    const [row] = await query<{ archived: boolean }>(
      `select coalesce(last_archived_wal >= '${wal?.name}', false) as archived from pg_stat_archiver`,
    );
    return row?.archived === true;
  };
  await eventually(isArchived, { withinMs: 30_000, what: 'an archived WAL' });
  // What the backup copied of the archive is older.
  rmSync(join(to, 'archive'), { recursive: true, force: true });
  execFileSync('cp', ['-a', join(from, 'archive'), to]);
}
