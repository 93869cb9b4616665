import { Injectable } from '@nestjs/common';
import { ArrayContainedBy, IsNull, LessThan, MoreThan, type EntityManager } from 'typeorm';
import { Clock } from '../platform/clock/index.js';
import { ControlPlane } from '../platform/database/index.js';
import { NotFound } from '../platform/errors/index.js';
import { Ids, showId } from '../platform/ids/index.js';
import { OutboundGuard } from '../platform/outbound/index.js';
import {
  AccountNotAllowed,
  AccountUnknown,
  AuditTrail,
  changesBetween,
  KnownAccounts,
  pageOf,
  Tenant,
  type Actor,
  type Caller,
  type Page,
  type PageRequest,
} from '../tenants/index.js';
import type { EndpointView, ShownSecret } from './endpoint-view.js';
import { SigningSecrets } from './signing-secrets.js';
import { WebhookEndpoint, type EndpointStatus } from './webhook-endpoint.entity.js';
import { WebhookLine } from './webhook-line.entity.js';
import { WebhookSecret } from './webhook-secret.entity.js';
import {
  mostEndpoints,
  mostSecrets,
  TooManySigningSecrets,
  TooManyWebhookEndpoints,
} from './webhooks.errors.js';

/** What of an endpoint its tenant decides. */
export interface EndpointSettings {
  readonly url: string;
  /** null: the default ones. */
  readonly events: readonly string[] | null;
  /** null: all accounts, and what concerns none. */
  readonly accountIds: readonly string[] | null;
  readonly description: string | null;
}

export type EndpointChanges = Partial<EndpointSettings & { readonly status: EndpointStatus }>;

/** A tenant's webhook endpoints and their secrets. A key that is restricted to accounts sees those of its accounts only. */
@Injectable()
export class WebhookEndpointsService {
  constructor(
    private readonly controlPlane: ControlPlane,
    private readonly ids: Ids,
    private readonly clock: Clock,
    private readonly guard: OutboundGuard,
    private readonly secrets: SigningSecrets,
    private readonly accounts: KnownAccounts,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws UrlNotAllowed, AccountNotAllowed, AccountUnknown, TooManyWebhookEndpoints */
  async create(
    caller: Caller,
    wanted: EndpointSettings,
    actor: Actor,
  ): Promise<{ readonly endpoint: EndpointView; readonly secret: string }> {
    const { tenantId } = caller;
    // What it does not say follows from its key, which can give no more.
    const accountIds = wanted.accountIds ?? caller.accountIds;
    assertMayHear(caller, accountIds);
    const url = await this.guard.assertAllowed(wanted.url, '/url');
    const id = this.ids.next();
    return this.run(tenantId, async (manager) => {
      await this.assertAccounts(manager, tenantId, accountIds);
      // Waits for another one that is being made: the count must hold.
      await manager.findOne(Tenant, {
        where: { id: tenantId },
        lock: { mode: 'for_no_key_update' },
      });
      if ((await manager.countBy(WebhookEndpoint, { tenantId })) >= mostEndpoints) {
        throw new TooManyWebhookEndpoints();
      }
      const settings = { ...wanted, url, accountIds };
      await manager.insert(WebhookEndpoint, { tenantId, id, ...columnsOf(settings) });
      await manager.insert(WebhookLine, { tenantId, endpointId: id });
      const secret = await this.addSecret(manager, tenantId, id, 1);
      await this.audit.record(manager, {
        tenantId,
        actor,
        action: 'webhook_endpoint.created',
        object: { kind: 'webhook_endpoint', id },
        after: audited({ ...settings, status: 'enabled' }),
      });
      return { endpoint: await getView(manager, tenantId, id), secret };
    });
  }

  /** @throws NotFound */
  get(caller: Caller, id: string): Promise<EndpointView> {
    const { tenantId } = caller;
    return this.controlPlane.read({ role: 'tenant', tenantId }, async (manager) => {
      await getVisible(manager, caller, id);
      return getView(manager, tenantId, id);
    });
  }

  /** Newest first. */
  list(caller: Caller, page: PageRequest): Promise<Page<EndpointView>> {
    const { tenantId, accountIds } = caller;
    return this.controlPlane.read({ role: 'tenant', tenantId }, async (manager) => {
      const rows = await manager.find(WebhookEndpoint, {
        where: {
          tenantId,
          ...(page.after === null ? {} : { id: LessThan(page.after) }),
          ...(accountIds === null ? {} : { accountIds: ArrayContainedBy([...accountIds]) }),
        },
        order: { id: 'DESC' },
        take: page.limit + 1,
      });
      const lines = await manager.findBy(WebhookLine, { tenantId });
      const failing = new Map(lines.map((line) => [line.endpointId, line.failingSince]));
      return pageOf(
        rows.map((row) => ({ ...row, failingSince: failing.get(row.id) ?? null })),
        page.limit,
      );
    });
  }

  /** @throws NotFound, UrlNotAllowed, AccountNotAllowed, AccountUnknown */
  async update(
    caller: Caller,
    id: string,
    changes: EndpointChanges,
    actor: Actor,
  ): Promise<EndpointView> {
    const { tenantId } = caller;
    const allowed =
      changes.url === undefined
        ? changes
        : { ...changes, url: await this.guard.assertAllowed(changes.url, '/url') };
    return this.run(tenantId, async (manager) => {
      const before = await getVisible(manager, caller, id, 'lock');
      const after = { ...before, ...allowed };
      if (changes.accountIds !== undefined) {
        assertMayHear(caller, after.accountIds);
        await this.assertAccounts(manager, tenantId, after.accountIds);
      }
      const diff = changesBetween(audited(before), audited(after));
      if (Object.keys(diff.after).length > 0) {
        await manager.update(
          WebhookEndpoint,
          { tenantId, id },
          {
            ...columnsOf(after),
            ...statusColumns(before.status, after.status),
            updatedAt: () => 'app_clock()',
          },
        );
        if (before.status !== after.status) await beginAnew(manager, tenantId, id);
        await this.audit.record(manager, {
          tenantId,
          actor,
          action: 'webhook_endpoint.updated',
          object: { kind: 'webhook_endpoint', id },
          ...diff,
        });
      }
      return getView(manager, tenantId, id);
    });
  }

  /** What waits for it is not delivered any more. @throws NotFound */
  async delete(caller: Caller, id: string, actor: Actor): Promise<void> {
    const { tenantId } = caller;
    await this.run(tenantId, async (manager) => {
      const before = await getVisible(manager, caller, id, 'lock');
      await manager.delete(WebhookEndpoint, { tenantId, id });
      await this.audit.record(manager, {
        tenantId,
        actor,
        action: 'webhook_endpoint.deleted',
        object: { kind: 'webhook_endpoint', id },
        before: audited(before),
      });
    });
  }

  /**
   * Makes another secret; the ones before it sign beside it until the overlap ends.
   * @throws NotFound, TooManySigningSecrets
   */
  rotateSecret(
    caller: Caller,
    id: string,
    overlapSeconds: number,
    actor: Actor,
  ): Promise<ShownSecret> {
    const { tenantId } = caller;
    return this.run(tenantId, async (manager) => {
      await getVisible(manager, caller, id, 'lock');
      const now = new Date(this.clock.nowMs());
      const ofEndpoint = { tenantId, endpointId: id };
      const valid = await manager.find(WebhookSecret, {
        where: [
          { ...ofEndpoint, expiresAt: IsNull() },
          { ...ofEndpoint, expiresAt: MoreThan(now) },
        ],
        order: { version: 'DESC' },
      });
      if (valid.length >= mostSecrets && overlapSeconds > 0) throw new TooManySigningSecrets();
      const endsAt = new Date(now.getTime() + overlapSeconds * 1_000);
      for (const { version, expiresAt } of valid) {
        if (expiresAt !== null && expiresAt < endsAt) continue;
        await manager.update(WebhookSecret, { ...ofEndpoint, version }, { expiresAt: endsAt });
      }
      const version = (valid[0]?.version ?? 0) + 1;
      const secret = await this.addSecret(manager, tenantId, id, version);
      await this.audit.record(manager, {
        tenantId,
        actor,
        action: 'webhook_endpoint.secret_rotated',
        object: { kind: 'webhook_endpoint', id },
        after: { version, previous_expires_at: endsAt },
      });
      return { secret, previousExpiresAt: endsAt };
    });
  }

  private run<T>(tenantId: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.controlPlane.run({ role: 'tenant', tenantId }, work);
  }

  private async addSecret(
    manager: EntityManager,
    tenantId: string,
    endpointId: string,
    version: number,
  ): Promise<string> {
    const { secret, sealed } = this.secrets.make({ tenantId, endpointId, version });
    await manager.insert(WebhookSecret, { tenantId, endpointId, version, sealedSecret: sealed });
    return secret;
  }

  /** One answer for what does not exist and for what is another tenant's. @throws AccountUnknown */
  private async assertAccounts(
    manager: EntityManager,
    tenantId: string,
    accountIds: readonly string[] | null,
  ): Promise<void> {
    if (accountIds === null || accountIds.length === 0) return;
    const known = await this.accounts.among(manager, tenantId, accountIds);
    const index = accountIds.findIndex((id) => !known.has(id));
    if (index >= 0) throw new AccountUnknown(`/account_ids/${index}`);
  }
}

/** A key hears of its own accounts only. @throws AccountNotAllowed */
function assertMayHear(caller: Caller, accountIds: readonly string[] | null): void {
  const held = caller.accountIds;
  if (held === null || accountIds?.every((id) => held.includes(id)) === true) return;
  throw new AccountNotAllowed(
    'A key that is restricted to accounts can only have their events delivered.',
    '/account_ids',
  );
}

async function getVisible(
  manager: EntityManager,
  caller: Caller,
  id: string,
  lock?: 'lock',
): Promise<WebhookEndpoint> {
  const { tenantId, accountIds } = caller;
  const endpoint = await manager.findOne(WebhookEndpoint, {
    where: { tenantId, id },
    ...(lock === undefined ? {} : { lock: { mode: 'for_no_key_update' as const } }),
  });
  const isVisible =
    accountIds === null || endpoint?.accountIds?.every((account) => accountIds.includes(account));
  if (endpoint === null || isVisible !== true) throw new NotFound();
  return endpoint;
}

async function getView(
  manager: EntityManager,
  tenantId: string,
  id: string,
): Promise<EndpointView> {
  const endpoint = await manager.findOneByOrFail(WebhookEndpoint, { tenantId, id });
  const line = await manager.findOneBy(WebhookLine, { tenantId, endpointId: id });
  return { ...endpoint, failingSince: line?.failingSince ?? null };
}

/** Enabled or disabled, what was learned of it before does not count any more; what waits is looked at once. */
async function beginAnew(manager: EntityManager, tenantId: string, id: string): Promise<void> {
  await manager.query(
    `update webhook_lines set failures = 0, failing_since = null, not_before = null, next_at = app_clock()
     where tenant_id = $1 and endpoint_id = $2`,
    [tenantId, id],
  );
}

function columnsOf({ url, events, accountIds, description }: EndpointSettings) {
  return {
    url,
    events: events === null ? null : [...events],
    accountIds: accountIds === null ? null : [...accountIds],
    description,
  };
}

function statusColumns(before: EndpointStatus, after: EndpointStatus) {
  if (before === after) return {};
  if (after === 'enabled') return { status: after, disabledReason: null, disabledAt: null };
  return { status: after, disabledReason: 'by_tenant' as const, disabledAt: () => 'app_clock()' };
}

function audited(
  endpoint: EndpointSettings & { readonly status: EndpointStatus },
): Record<string, unknown> {
  const { url, events, description, status } = endpoint;
  const accountIds = endpoint.accountIds?.map((id) => showId('acc', id)) ?? null;
  return { url, events, account_ids: accountIds, description, status };
}
