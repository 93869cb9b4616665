/** Whoever reads a database: a test's, or that of an installation. */
interface Readable {
  query<Row>(text: string): Promise<Row[]>;
}

/** Every row of every table, as text. */
export async function everyRow(database: Readable): Promise<string> {
  const tables = await database.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c where relnamespace = 'public'::regnamespace and relkind = 'r'`,
  );
  let text = '';
  for (const { name } of tables) {
    const found = await database.query<{ row: string }>(`select t::text as row from ${name} t`);
    text += found.map(({ row }) => `${name} ${row}\n`).join('');
  }
  return text;
}

/** The forms in which a secret could leak. */
export function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64').replaceAll('=', '');
  return [secret, base64, Buffer.from(secret).toString('hex'), encodeURIComponent(secret)];
}

export function foundIn(text: string, values: readonly string[]): string[] {
  return values.filter((value) => text.includes(value));
}
