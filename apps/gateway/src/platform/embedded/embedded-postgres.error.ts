/** Why the embedded PostgreSQL cannot be used: one sentence for a person, which names what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}
