import { readFileSync } from 'node:fs';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A forward-only migration whose statements stand in a `.sql` file beside this one. */
function sqlMigration(name: string, timestamp: number): new () => MigrationInterface {
  return class implements MigrationInterface {
    readonly name = `${name}${timestamp}`;

    async up(queryRunner: QueryRunner): Promise<void> {
      await queryRunner.query(readFileSync(new URL(`./${name}.sql`, import.meta.url), 'utf8'));
    }

    async down(): Promise<void> {
      throw new Error('migrations go forward only: restore a backup, or write the next migration');
    }
  };
}

/** In their order. A line is added here for each new file; a released file never changes. */
export const migrations = [
  sqlMigration('0001-initial', 1795392000000),
  sqlMigration('0002-restore-guard', 1795478400000),
  sqlMigration('0003-drift', 1795564800000),
  sqlMigration('0004-daily-proof', 1795608000000),
  sqlMigration('0005-time', 1795651200000),
  sqlMigration('0006-provider-attempt', 1795996800000),
  sqlMigration('0007-when-paused', 1796083200000),
  sqlMigration('0009-operators-eyes', 1796256000000),
  sqlMigration('0010-look-ups-by-key', 1796342400000),
  sqlMigration('0011-account-events', 1796428800000),
  sqlMigration('0012-shared-connections', 1796515200000),
  sqlMigration('0013-webhooks', 1796601600000),
  sqlMigration('0015-two-way', 1796774400000),
  sqlMigration('0016-drop-in-door', 1796860800000),
  sqlMigration('0017-outbox-by-age', 1796947200000),
  sqlMigration('0018-lines-by-account', 1797033600000),
  sqlMigration('0019-awaiting-by-account', 1797120000000),
  sqlMigration('0020-owners-of-another-database', 1797206400000),
];

/** The newest migration that this build needs, as `schema_migrations` names it. */
export const newestMigration = new (migrations.at(-1) as (typeof migrations)[0])().name as string;
