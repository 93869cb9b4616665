import { createHash } from 'node:crypto';
import { sqlFile, type SqlStatement } from '../platform/database/index.js';

/** Where a list looks for its messages; each reads a bounded number of rows along an index. */
export type ListSource =
  | 'newest'
  | 'open'
  | 'of-recipient'
  | 'of-client-reference'
  | 'of-provider-id';

const part = (path: string): string => sqlFile(import.meta.url, path).text;
const currentMessages = part('./sql/current-messages.sql');
const listWanted = part('./sql/list-wanted.sql');
const listPage = part('./sql/list-page.sql');

/** How the messages of some ids stand. Parameters: tenant, ids. */
export const readMessages = statement(
  'read_messages',
  ['wanted as (select unnest($2::uuid[]) as id)', currentMessages],
  'select * from current',
);

/** A page of messages. Parameters: see the parts; `of-provider-id` takes one more. */
export const listMessages: Readonly<Record<ListSource, SqlStatement>> = {
  newest: list('newest'),
  open: list('open'),
  'of-recipient': list('of-recipient'),
  'of-client-reference': list('of-client-reference'),
  'of-provider-id': list('of-provider-id'),
};

function list(source: ListSource): SqlStatement {
  return statement(
    `list_${source}`,
    [part(`./sql/list-${source}.sql`), listWanted, currentMessages],
    listPage,
  );
}

function statement(name: string, tables: readonly string[], select: string): SqlStatement {
  const text = `with\n${tables.join(',\n')}\n${select}`;
  return { name: `${name}_${createHash('sha256').update(text).digest('hex').slice(0, 8)}`, text };
}
