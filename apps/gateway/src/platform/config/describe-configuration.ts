import type { Configuration } from './configuration.js';

const MASK = '***';

/**
 * The effective configuration for the log at start. Built field by field, so that a new field is
 * not shown before somebody decided that it may be.
 */
export function describeConfiguration(configuration: Configuration): Record<string, unknown> {
  const { database, provider, callbacks, outbound, limits, drain } = configuration;
  return {
    environment: configuration.environment,
    host: configuration.host,
    port: configuration.port,
    roles: [...configuration.roles],
    database: {
      url: database.url === null ? 'embedded' : withoutPassword(database.url),
      ownerUrl: database.ownerUrl === null ? 'as url' : withoutPassword(database.ownerUrl),
      directUrl: database.directUrl === null ? 'as url' : withoutPassword(database.directUrl),
      poolSize: database.poolSize,
      migrateOnStart: database.migrateOnStart,
      onTimelineChange: database.onTimelineChange,
      allowEmbeddedInProduction: database.allowEmbeddedInProduction,
    },
    provider: { ...provider },
    callbacks: { publicUrl: callbacks.publicUrl ?? 'off' },
    outbound: {
      allowCidrs: [...outbound.allowCidrs],
      ca: outbound.ca === null ? 'public roots' : 'public roots and OUTBOUND_CA_FILE',
      proxyUrl: outbound.proxyUrl === null ? 'none' : withoutPassword(outbound.proxyUrl),
    },
    adminTokens: `${MASK} (${configuration.adminTokens.length})`,
    masterKeys: configuration.masterKeys.map(({ id }) => `${id}:${MASK}`),
    logLevel: configuration.logLevel,
    retentionDays: configuration.retentionDays,
    trustedProxies: [...configuration.trustedProxies],
    dataDirectory: configuration.dataDirectory,
    drain: { ...drain },
    development: { apiKey: configuration.development.apiKey === null ? null : MASK },
    limits: { ...limits },
  };
}

/** Keeps what helps to find a wrong address; a query may hold a password too, so it goes whole. */
function withoutPassword(text: string): string {
  const url = new URL(text);
  if (url.password !== '') url.password = MASK;
  if (url.search !== '') url.search = MASK;
  return url.href;
}
