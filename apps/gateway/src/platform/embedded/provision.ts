import pg from 'pg';

/**
 * Creates the two logins of an installation, or gives existing ones their password again:
 * `tyrian_owner` runs migrations (CREATEROLE, because they make the NOLOGIN roles), `tyrian` is
 * what the gateway signs in as. Neither is a superuser, neither bypasses row level security.
 */
export async function provisionRoles(
  superuserUrl: string,
  passwords: { owner: string; login: string },
): Promise<void> {
  await asSuperuser(superuserUrl, async (client) => {
    await provideLogin(client, 'tyrian_owner', 'createrole inherit', passwords.owner);
    // NOINHERIT: by itself the login may touch no row; it acts under the role that each transaction names.
    await provideLogin(client, 'tyrian', 'nocreaterole noinherit', passwords.login);
  });
}

/** Creates the database, owned by `tyrian_owner` and closed to all but the two logins. */
export async function provisionDatabase(superuserUrl: string, name: string): Promise<void> {
  await asSuperuser(superuserUrl, async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    const database = client.escapeIdentifier(name);
    if (rowCount === 0) await client.query(`create database ${database} owner tyrian_owner`);
    await client.query(`revoke all on database ${database} from public`);
    await client.query(`grant connect, temporary on database ${database} to tyrian`);
  });
}

async function provideLogin(
  client: pg.Client,
  role: string,
  attributes: 'createrole inherit' | 'nocreaterole noinherit',
  password: string,
): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
  const verb = rowCount === 0 ? 'create' : 'alter';
  await client.query(
    `${verb} role ${role} login nosuperuser nocreatedb nobypassrls ${attributes} ` +
      `password ${client.escapeLiteral(password)}`,
  );
}

async function asSuperuser(
  superuserUrl: string,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
