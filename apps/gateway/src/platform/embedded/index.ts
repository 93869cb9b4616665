export { type Cluster, type ClusterOptions, startCluster } from './cluster.js';
export { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.js';
export { EmbeddedPostgresError } from './embedded-postgres.error.js';
export { provisionDatabase, provisionRoles } from './provision.js';
