import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from './configuration.js';
import { describeConfiguration } from './describe-configuration.js';
import { loadConfiguration } from './load-configuration.js';
import { configurationVariables } from './variables.js';

const adminToken = 'a'.repeat(32);
const masterKey = `k1:${Buffer.alloc(32, 7).toString('base64')}`;

const production = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://tyrian:pw@db.internal:5432/tyrian',
  VIBER_BASE_URL: 'https://web.it-decision.com',
  PUBLIC_URL: 'https://viber.example.com',
  ADMIN_TOKEN: adminToken,
  MASTER_KEY: masterKey,
};

function load(env: Record<string, string | undefined>, files: Record<string, string> = {}) {
  return loadConfiguration(env, (path) => {
    if (files[path] === undefined) throw Object.assign(new Error('absent'), { code: 'ENOENT' });
    return files[path];
  });
}

function problemsOf(env: Record<string, string | undefined>, files?: Record<string, string>) {
  try {
    load(env, files);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return '';
}

describe('loadConfiguration', () => {
  it('needs nothing in development', () => {
    const { configuration, warnings } = load({});
    expect(configuration).toMatchObject({
      environment: 'development',
      host: '127.0.0.1',
      port: 8080,
      roles: new Set(['api', 'worker']),
      database: { url: null, poolSize: 12, migrateOnStart: true },
      provider: {
        baseUrl: 'http://127.0.0.1:8090',
        auth: 'key',
        timeoutMs: 10_000,
        marginMs: 2_000,
        leaseMs: 25_000,
        graceMs: 40_000,
        status2Final: true,
      },
      callbacks: { publicUrl: 'http://127.0.0.1:8080' },
      dataDirectory: '.data',
      limits: { bodyBytes: 1_048_576, batchBodyBytes: 8_388_608, batchMessages: 1_000 },
    });
    expect(warnings).toEqual([]);
  });

  it('reads what URLs of tenants may lead to', () => {
    const { configuration } = load(
      {
        OUTBOUND_ALLOW_CIDRS: '10.0.0.0/8, fd00::/8,192.0.2.7',
        OUTBOUND_CA_FILE: '/etc/ca.pem',
        OUTBOUND_PROXY_URL: 'http://user:pw@proxy:3128',
      },
      { '/etc/ca.pem': '-----BEGIN CERTIFICATE-----\n…' },
    );
    expect(configuration.outbound).toEqual({
      allowCidrs: ['10.0.0.0/8', 'fd00::/8', '192.0.2.7'],
      ca: '-----BEGIN CERTIFICATE-----\n…',
      proxyUrl: 'http://user:pw@proxy:3128/',
    });
    expect(JSON.stringify(describeConfiguration(configuration))).not.toContain('user:pw');
    const wrong = { OUTBOUND_ALLOW_CIDRS: '10.0.0.0/33', OUTBOUND_PROXY_URL: 'socks5://proxy' };
    const problems = problemsOf({ ...wrong, OUTBOUND_CA_FILE: '/absent' });
    expect(problems).toMatch(/OUTBOUND_ALLOW_CIDRS lists "10.0.0.0\/33"/);
    expect(problems).toMatch(/OUTBOUND_CA_FILE names a file that cannot be read \(ENOENT\)/);
    expect(problems).toMatch(/OUTBOUND_PROXY_URL must be a URL/);
    expect(problemsOf({ OUTBOUND_CA_FILE: '/key' }, { '/key': 'none' })).toMatch(/no certificate/);
  });

  it('takes a production environment whole', () => {
    const { configuration, warnings } = load({
      ...production,
      PORT: '9000',
      ROLES: 'worker',
      PUBLIC_URL: 'https://viber.example.com/gateway/',
      MASTER_KEY: `k2:${Buffer.alloc(32, 9).toString('base64')},${masterKey}`,
      ADMIN_TOKEN: `${adminToken}, ${'b'.repeat(40)}`,
      TRUSTED_PROXIES: '10.0.0.0/8, loopback,2001:db8::1',
    });
    expect(configuration).toMatchObject({
      environment: 'production',
      host: '0.0.0.0',
      port: 9_000,
      roles: new Set(['worker']),
      callbacks: { publicUrl: 'https://viber.example.com/gateway' },
      trustedProxies: ['10.0.0.0/8', 'loopback', '2001:db8::1'],
      adminTokens: [adminToken, 'b'.repeat(40)],
    });
    expect(configuration.masterKeys.map(({ id, key }) => [id, key.length])).toEqual([
      ['k2', 32],
      ['k1', 32],
    ]);
    expect(warnings).toEqual([]);
  });

  it('names every wrong variable in one message', () => {
    const message = problemsOf({
      ...production,
      PORT: '70000',
      DATABASE_POOL_SIZE: '4',
      MIGRATE_ON_START: 'perhaps',
      VIBER_AUTH: 'basic',
      ROLES: 'api,cron',
      RETENTION_DAYS: '1.5',
      TRUSTED_PROXIES: '10.0.0.0/33',
      LOG_LEVEL: 'loud',
    });
    for (const name of [
      'PORT',
      'DATABASE_POOL_SIZE',
      'MIGRATE_ON_START',
      'VIBER_AUTH',
      'ROLES',
      'RETENTION_DAYS',
      'TRUSTED_PROXIES',
      'LOG_LEVEL',
    ]) {
      expect(message).toContain(`- ${name} `);
    }
    expect(message).toContain('PORT must be a whole number from 0 to 65535, not "70000"');
  });

  it.each(['DATABASE_URL', 'VIBER_BASE_URL', 'PUBLIC_URL', 'ADMIN_TOKEN', 'MASTER_KEY'])(
    'does not start production without %s',
    (name) => {
      expect(problemsOf({ ...production, [name]: undefined })).toContain(`${name} is not set.`);
      expect(problemsOf({ ...production, [name]: ' ' })).toContain(`${name} is set but empty.`);
    },
  );

  it.each(['ADMIN_TOKEN', 'MASTER_KEY', 'ROLES', 'TRUSTED_PROXIES'])(
    'takes no lone comma for a list: %s',
    (name) => {
      expect(problemsOf({ ...production, [name]: ' , ' })).toContain(
        `${name} is a list without an entry`,
      );
    },
  );

  it('lets production run embedded or without callbacks when told so', () => {
    const { configuration } = load({
      ...production,
      DATABASE_URL: undefined,
      ALLOW_EMBEDDED_IN_PRODUCTION: 'true',
      PUBLIC_URL: undefined,
      CALLBACKS: 'off',
    });
    expect(configuration.database.url).toBeNull();
    expect(configuration.callbacks.publicUrl).toBeNull();
  });

  it.each(['DEV_API_KEY', 'DEV_ADMIN_TOKEN'])('refuses %s in production', (name) => {
    expect(problemsOf({ ...production, [name]: 'fixed' })).toContain(
      `${name} must not be set in production`,
    );
  });

  it('lets DEV_ADMIN_TOKEN stand before the token that was made', () => {
    const { configuration } = load({ DEV_ADMIN_TOKEN: 'ci', ADMIN_TOKEN: adminToken });
    expect(configuration.adminTokens).toEqual(['ci', adminToken]);
  });

  it('takes an empty variable as one that is not set', () => {
    expect(load({ PORT: '', DATABASE_URL: '', PUBLIC_URL: '' }).configuration).toMatchObject({
      port: 8080,
      database: { url: null },
      callbacks: { publicUrl: 'http://127.0.0.1:8080' },
    });
  });

  it('refuses an unknown NODE_ENV instead of guessing that it is not production', () => {
    expect(problemsOf({ NODE_ENV: 'prod' })).toContain('NODE_ENV must be one of production');
  });

  describe('times', () => {
    it('fit at their defaults and short in tests', () => {
      const short = { PROVIDER_TIMEOUT_MS: '1000', LEASE_MS: '3000', GRACE_MS: '5000' };
      expect(load(short).configuration.provider.marginMs).toBe(200);
      expect(load(production).configuration.provider.marginMs).toBe(2_000);
    });

    it('are refused when a lease could end during a call', () => {
      expect(problemsOf({ LEASE_MS: '23999' })).toContain('LEASE_MS must be at least 2 x');
      expect(problemsOf({ LEASE_MS: '24000' })).toBe('');
    });

    it('are refused when a grace could end before a former owner told what it knew', () => {
      expect(problemsOf({ GRACE_MS: '36999' })).toContain('GRACE_MS must be at least LEASE_MS');
      expect(problemsOf({ GRACE_MS: '37000' })).toBe('');
    });
  });

  it('refuses a time for headers that is longer than that for the whole request', () => {
    expect(problemsOf({ LIMIT_BODY_TIMEOUT_MS: '9999' })).toContain(
      'LIMIT_HEADERS_TIMEOUT_MS must not be longer than LIMIT_BODY_TIMEOUT_MS',
    );
  });

  describe('PUBLIC_URL', () => {
    it.each(['http://viber.example.com', 'http://10.0.0.7:8080', 'http://127.0.0.1.example.com'])(
      'refuses %s unless told',
      (url) => {
        expect(problemsOf({ PUBLIC_URL: url })).toContain('PUBLIC_URL must begin with https://');
        expect(problemsOf({ PUBLIC_URL: url, ALLOW_HTTP_CALLBACKS: 'true' })).toBe('');
      },
    );

    it.each(['http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080'])(
      'takes loopback, %s',
      (url) => {
        expect(load({ PUBLIC_URL: url }).configuration.callbacks.publicUrl).toBe(url);
      },
    );

    it.each(['viber.example.com', 'ftp://a.b', 'https://u:p@a.b', 'https://a.b/?x=1'])(
      'refuses %s',
      (url) => {
        expect(problemsOf({ PUBLIC_URL: url })).toContain('PUBLIC_URL ');
      },
    );
  });

  describe('secrets', () => {
    it('come from files as well, without the line break at the end', () => {
      const { configuration } = load(
        { ...production, ADMIN_TOKEN: undefined, ADMIN_TOKEN_FILE: '/run/token' },
        { '/run/token': `${adminToken}\n` },
      );
      expect(configuration.adminTokens).toEqual([adminToken]);
    });

    it('are refused when given twice, when empty and when unreadable', () => {
      const files = { '/t': adminToken, '/empty': '\n' };
      expect(problemsOf({ ...production, ADMIN_TOKEN_FILE: '/t' }, files)).toContain(
        'ADMIN_TOKEN is set twice',
      );
      const unset = { ...production, ADMIN_TOKEN: undefined };
      expect(problemsOf({ ...unset, ADMIN_TOKEN_FILE: '/empty' }, files)).toContain(
        'ADMIN_TOKEN is empty in the file',
      );
      expect(problemsOf({ ...unset, ADMIN_TOKEN_FILE: '/absent' }, files)).toContain(
        'ADMIN_TOKEN cannot be read from the file that ADMIN_TOKEN_FILE names (ENOENT)',
      );
    });

    it.each([
      ['ADMIN_TOKEN', 'short-secret'],
      ['ADMIN_TOKEN', `${adminToken},short-secret`],
      ['ADMIN_TOKEN', `with blank short-secret ${adminToken}`],
      ['MASTER_KEY', 'short-secret'],
      ['MASTER_KEY', `k1:${Buffer.from('short-secret').toString('base64')}`],
      ['MASTER_KEY', `${masterKey},${masterKey}`],
      ['DATABASE_URL', 'mysql://u:short-secret@h/d'],
      ['DATABASE_URL', 'u:short-secret@h/d'],
    ])('are named but not shown when wrong: %s', (name, value) => {
      const message = problemsOf({ ...production, [name]: value });
      expect(message).toContain(name);
      expect(message).not.toContain('short-secret');
      expect(message).not.toContain(Buffer.from('short-secret').toString('base64'));
    });

    it('are all masked in the description for the log', () => {
      const planted = 'PlantedSecret'.padEnd(32, 'x');
      const base64 = Buffer.from(planted).toString('base64');
      const values: Record<string, string> = {
        ADMIN_TOKEN: planted,
        MASTER_KEY: `k1:${base64}`,
        DEV_API_KEY: `tyr_live_planted_${planted}`,
        DEV_ADMIN_TOKEN: planted,
      };
      const secrets = configurationVariables.filter((variable) => 'secret' in variable);
      for (const { name, type } of secrets) {
        if (type === 'http-url') values[name] = `http://u:${planted}@proxy:3128`;
        if (type === 'postgres-url')
          values[name] = `postgres://u:${planted}@h/d?password=${planted}`;
        expect(values).toHaveProperty(name);
      }
      const description = JSON.stringify(describeConfiguration(load(values).configuration));
      expect(description).not.toContain('PlantedSecret');
      expect(description).not.toContain(base64);
      expect(description).toContain('postgres://u:***@h/d');
    });
  });

  it('warns of names that look like misspelt ones of ours, and of no others', () => {
    const { warnings } = load({
      DATABSE_URL: 'postgres://x/y',
      database_url: 'postgres://x/y',
      VIBER_BASEURL: 'http://x',
      DATABASE_POOL: '3',
      ROLE: 'api',
      PORT_FILE: '/x',
      HOME: '/root',
      PATH: '/bin',
      POST: 'x',
      LANG: 'C',
      NODE_PATH: '/x',
      DATABASE_SERVICE_HOST: '10.0.0.1',
      DATABASE_PORT_5432_TCP_ADDR: '10.0.0.1',
      ADMIN_TOKEN_FILE: '',
    });
    expect(warnings).toEqual([
      'DATABASE_POOL is not read: there is no such variable.',
      'DATABSE_URL is not read. Did you mean DATABASE_URL?',
      'POST is not read. Did you mean HOST?',
      'ROLE is not read. Did you mean ROLES?',
      'VIBER_BASEURL is not read. Did you mean VIBER_BASE_URL?',
      'database_url is not read. Did you mean DATABASE_URL?',
    ]);
  });

  it('tells of a misspelt name where it matters most: beside the variable that is missing', () => {
    const { VIBER_BASE_URL: _, ...rest } = production;
    const message = problemsOf({ ...rest, VIBER_BASE_ULR: 'https://web.it-decision.com' });
    expect(message).toContain('- VIBER_BASE_URL is not set.');
    expect(message).toContain('- VIBER_BASE_ULR is not read. Did you mean VIBER_BASE_URL?');
  });

  it('warns when there is a database and no NODE_ENV', () => {
    const { DATABASE_URL } = production;
    expect(load({ DATABASE_URL }).warnings.join()).toContain('Set NODE_ENV=production');
    expect(load({ DATABASE_URL, NODE_ENV: 'development' }).warnings).toEqual([]);
    expect(load({}).warnings).toEqual([]);
  });

  it('takes PORT=0 only where no callback address is made of it', () => {
    expect(problemsOf({ PORT: '0' })).toContain('PORT may be 0 only with PUBLIC_URL');
    expect(problemsOf({ PORT: '0', CALLBACKS: 'off' })).toBe('');
    expect(problemsOf({ PORT: '0', PUBLIC_URL: 'https://viber.example.com' })).toBe('');
  });

  it('says at once, and without showing it, that DEV_API_KEY has not the form of a key', () => {
    const message = problemsOf({ DEV_API_KEY: 'short-secret' });
    expect(message).toContain('DEV_API_KEY must look like tyr_live_<');
    expect(message).not.toContain('short-secret');
    expect(problemsOf({ DEV_API_KEY: 'tyr_live_ci_0123456789abcdef' })).toContain('DEV_API_KEY');
    expect(problemsOf({ DEV_API_KEY: 'tyr_live_dev_0123456789abcdef' })).toBe('');
  });

  it('warns when production talks to the provider in clear', () => {
    const { warnings } = load({ ...production, VIBER_BASE_URL: 'http://provider.example' });
    expect(warnings.join()).toContain('VIBER_BASE_URL is plain http');
  });
});

describe('the table of variables', () => {
  it('has defaults that its own rules accept', () => {
    for (const variable of configurationVariables) {
      const text = variable.default;
      if (text === null) continue;
      expect([variable.name, problemsOf({ [variable.name]: text })]).toEqual([variable.name, '']);
    }
  });

  it('has no variable that the loader never reads', () => {
    const read = new Set<string>();
    const env = new Proxy<Record<string, string>>(
      { ...production },
      {
        get(target, name: string) {
          read.add(name);
          return target[name];
        },
      },
    );
    load(env);
    expect(
      configurationVariables.map(({ name }) => name).filter((name) => !read.has(name)),
    ).toEqual([]);
  });
});
