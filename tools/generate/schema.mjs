import pg from 'pg';
import { startMigratedDatabase } from '../support/migrated-database.mjs';
import { notice } from './load.mjs';
import { statements } from './schema-statements.mjs';

/**
 * The schema that the migrations make, read back from the catalogue: what really is there, in a
 * steady order. Partitions are left out, as their names follow the calendar.
 */
export async function schema() {
  const database = await startMigratedDatabase({ database: 'tyrian' });
  const client = new pg.Client({ connectionString: database.ownerUrl });
  try {
    await client.connect();
    // With it every name outside of pg_catalog is printed with its schema, or without, alike.
    await client.query('set search_path to public');
    const sections = [];
    for (const { title, sql } of statements) {
      const { rows } = await client.query(sql);
      if (rows.length === 0) continue;
      sections.push(`-- ${title}\n\n${rows.map(({ text }) => text).join('\n')}\n`);
    }
    return `-- ${notice}\n\n${sections.join('\n')}`;
  } finally {
    await client.end();
    await database.stop();
  }
}
