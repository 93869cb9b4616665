import { Injectable } from '@nestjs/common';
import { Configuration } from '../platform/config/index.js';
import { Overloaded } from '../platform/errors/index.js';
import { TooManyRequests } from './acceptance.errors.js';

/**
 * Bounds what may be under way to the database, before any work is done for it: for all, so that memory is bounded, and
 * for each tenant, so that one that floods is told so while the others' messages go in as ever.
 */
@Injectable()
export class Admission {
  private readonly limits: { readonly all: number; readonly tenant: number };
  private readonly ofTenant = new Map<string, number>();
  private ofAll = 0;

  constructor({ limits }: Configuration) {
    this.limits = { all: limits.acceptQueueRows, tenant: limits.tenantQueueRows };
  }

  /** Messages under way. */
  get underWay(): number {
    return this.ofAll;
  }

  /**
   * @param messages how many the request brings; whoever has none under way may bring more than the bound
   * @throws TooManyRequests, Overloaded
   */
  async through<T>(tenantId: string, messages: number, work: () => Promise<T>): Promise<T> {
    const held = this.ofTenant.get(tenantId) ?? 0;
    if (held > 0 && held + messages > this.limits.tenant) {
      throw new TooManyRequests(this.limits.tenant, Math.max(0, this.limits.tenant - held));
    }
    if (this.ofAll > 0 && this.ofAll + messages > this.limits.all) throw new Overloaded();
    this.add(tenantId, messages);
    try {
      return await work();
    } finally {
      this.add(tenantId, -messages);
    }
  }

  private add(tenantId: string, messages: number): void {
    this.ofAll += messages;
    const held = (this.ofTenant.get(tenantId) ?? 0) + messages;
    if (held === 0) this.ofTenant.delete(tenantId);
    else this.ofTenant.set(tenantId, held);
  }
}
