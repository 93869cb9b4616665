/** What an API key may do, one permission each. */
export const scopes = [
  'messages:send',
  'messages:read',
  'messages:cancel',
  'inbound:read',
  'events:read',
  'conversations:read',
  'accounts:read',
  'accounts:write',
  'keys:read',
  'keys:write',
  'webhooks:read',
  'webhooks:write',
  'audit:read',
  'reconciliations:read',
  'suppressions:read',
  'suppressions:write',
] as const;

export type Scope = (typeof scopes)[number];

/** Every scope, those of later releases too. A tenant's first key has it. */
export const allScopes = '*';

export type GrantedScope = Scope | typeof allScopes;

export const grantableScopes: readonly GrantedScope[] = [allScopes, ...scopes];

/** A set of scopes that answers in one look-up, `*` included. */
export class ScopeSet {
  private readonly granted: ReadonlySet<string>;
  private readonly all: boolean;

  constructor(granted: readonly string[]) {
    this.granted = new Set(granted);
    this.all = this.granted.has(allScopes);
  }

  has(scope: GrantedScope): boolean {
    return this.all || this.granted.has(scope);
  }

  /** The first of the scopes that is not granted; null where all are. */
  lacking(wanted: readonly string[]): string | null {
    if (this.all) return null;
    return wanted.find((scope) => !this.granted.has(scope)) ?? null;
  }
}
