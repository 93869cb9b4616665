/**
 * What differs from PostgreSQL's own defaults. They are given on the command line, so that an
 * upgrade of the gateway reaches clusters that exist already.
 */
export const settings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '256MB',
  // A weekly partition of each large table for years, all locked by a dump.
  max_locks_per_transaction: '256',
  // The promises of the gateway rest on these two; they are PostgreSQL's defaults and stay so.
  fsync: 'on',
  synchronous_commit: 'on',
  // Recycled segments are twice as fast to write as new ones.
  min_wal_size: '512MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  jit: 'off',
  random_page_cost: '1.1',
  // The queue's tables turn over fast: look at them often.
  autovacuum_naptime: '15s',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
  // Statements carry texts and phone numbers, which never belong into a log.
  log_min_error_statement: 'panic',
  log_parameter_max_length_on_error: '0',
  log_error_verbosity: 'terse',
};
