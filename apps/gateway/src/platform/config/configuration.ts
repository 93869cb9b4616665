export type Environment = 'production' | 'development' | 'test';
export type Role = 'api' | 'worker';
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/** A key that encrypts the keys of stored secrets; the id is kept beside what it sealed. */
export interface MasterKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

/** The environment, read once, checked and typed. The meaning of each value: docs/configuration.md. */
export class Configuration {
  readonly environment: Environment;
  readonly host: string;
  readonly port: number;
  readonly roles: ReadonlySet<Role>;
  readonly database: {
    /** null: the embedded PostgreSQL. */
    readonly url: string | null;
    /** null: migrate with `url`. */
    readonly ownerUrl: string | null;
    /** null: listen with `url`. */
    readonly directUrl: string | null;
    readonly poolSize: number;
    readonly migrateOnStart: boolean;
    /** What a new timeline of the same database is taken for: a fail-over, or a restore. */
    readonly onTimelineChange: 'continue' | 'hold';
    readonly allowEmbeddedInProduction: boolean;
  };
  readonly provider: {
    /** Without a slash at its end. */
    readonly baseUrl: string;
    readonly auth: 'key' | 'key-colon' | 'encoded';
    readonly timeoutMs: number;
    readonly marginMs: number;
    /** At least 2 x (timeoutMs + marginMs). */
    readonly leaseMs: number;
    /** At least leaseMs + timeoutMs + marginMs. */
    readonly graceMs: number;
    readonly status2Final: boolean;
  };
  readonly callbacks: {
    /** Without a slash at its end; null: CALLBACKS=off, statuses come from polls alone. */
    readonly publicUrl: string | null;
  };
  /** For URLs that tenants give. */
  readonly outbound: {
    /** Ranges that are allowed although they are not public. */
    readonly allowCidrs: readonly string[];
    /** PEM, trusted besides the public roots; null: none. */
    readonly ca: string | null;
    /** null: straight out. */
    readonly proxyUrl: string | null;
  };
  /** Any of them signs an operator in. */
  readonly adminTokens: readonly string[];
  /** The first one seals, all of them open. */
  readonly masterKeys: readonly MasterKey[];
  readonly dropin: {
    /** Under which HTTP status errors are told: `200` always, or the error's own. */
    readonly httpStatus: '200' | 'real';
  };
  readonly logLevel: LogLevel;
  readonly retentionDays: number;
  readonly trustedProxies: readonly string[];
  readonly dataDirectory: string;
  readonly drain: {
    readonly delayMs: number;
    readonly timeoutMs: number;
  };
  readonly development: {
    readonly apiKey: string | null;
  };
  readonly limits: {
    readonly bodyBytes: number;
    readonly batchBodyBytes: number;
    readonly callbackBodyBytes: number;
    readonly batchMessages: number;
    readonly jsonDepth: number;
    readonly connections: number;
    readonly headersTimeoutMs: number;
    readonly bodyTimeoutMs: number;
    readonly acceptQueueRows: number;
    readonly tenantQueueRows: number;
    readonly socketsToProvider: number;
  };

  constructor(values: ConfigurationValues) {
    Object.assign(this, values);
    Object.freeze(this);
  }
}

export type ConfigurationValues = { readonly [K in keyof Configuration]: Configuration[K] };

/** The start must stop: the message lists every variable that is wrong, never the value of a secret. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  /** @param warnings what looks odd besides: a misspelt name is often why another one is missing */
  constructor(
    readonly problems: readonly string[],
    warnings: readonly string[] = [],
  ) {
    const sentences = [...problems, ...warnings];
    super(
      sentences.length === 1
        ? `The configuration is not usable: ${sentences[0]}`
        : `The configuration is not usable:\n${sentences.map((sentence) => `  - ${sentence}`).join('\n')}`,
    );
  }
}
