import { Injectable } from '@nestjs/common';
import { SandboxClock } from './clock.js';
import { SandboxConfig } from './sandbox.config.js';

/** What can be set for a key. Null: not limited, not set. */
export interface KeySettings {
  /** Requests per window, sends and status requests together. */
  limit: number | null;
  window_seconds: number;
  /** Sends that are still paid for. */
  balance: number | null;
  unauthorised: boolean;
  /** Where replies go; without it they go to the `callback_url` of the message. */
  inbound_url: string | null;
  /** Whether a 429 carries Retry-After. */
  retry_after: boolean;
}

/** What a limited key is told with every answer, in the manner of Yii2. */
export interface RateLimitState {
  readonly isExceeded: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the whole limit is there again. */
  readonly reset: number;
  /** Seconds until the next request passes; set where the key is told. */
  readonly retryAfter: number | null;
}

interface Key extends Omit<KeySettings, 'unauthorised'> {
  /** Null: as configured for all. */
  unauthorised: boolean | null;
  allowance: number;
  checkedAt: number;
}

/** The keys ("user hash keys") and what each of them may do. */
@Injectable()
export class Keys {
  private readonly byKey = new Map<string, Key>();

  constructor(
    private readonly config: SandboxConfig,
    private readonly clock: SandboxClock,
  ) {}

  isAccepted(key: string): boolean {
    const unauthorised = this.byKey.get(key)?.unauthorised ?? null;
    if (unauthorised !== null) return !unauthorised;
    return this.config.keys.length === 0 || this.config.keys.includes(key);
  }

  /** Takes one request off the key's allowance. Null for a key without a limit. */
  draw(key: string): RateLimitState | null {
    const known = this.byKey.get(key) ?? (this.config.rateLimit > 0 ? this.add(key) : undefined);
    if (!known || known.limit === null) return null;
    const { limit, window_seconds: window } = known;
    const now = this.clock.now();
    const earned = ((now - known.checkedAt) / 1000 / window) * limit;
    known.allowance = Math.min(limit, known.allowance + earned);
    known.checkedAt = now;
    const isExceeded = known.allowance < 1;
    if (!isExceeded) known.allowance -= 1;
    return {
      isExceeded,
      limit,
      remaining: Math.floor(known.allowance),
      reset: Math.ceil(((limit - known.allowance) * window) / limit),
      retryAfter: known.retry_after ? Math.ceil(((1 - known.allowance) * window) / limit) : null,
    };
  }

  /** Whether there was balance for one more send. */
  pay(key: string): boolean {
    const known = this.byKey.get(key);
    if (!known || known.balance === null) return true;
    if (known.balance < 1) return false;
    known.balance -= 1;
    return true;
  }

  inboundUrl(key: string): string | null {
    return this.byKey.get(key)?.inbound_url ?? null;
  }

  settings(key: string): KeySettings {
    const { allowance: _, checkedAt: __, ...settings } = this.byKey.get(key) ?? this.fresh();
    return { ...settings, unauthorised: !this.isAccepted(key) };
  }

  /** Sets what is given and leaves the rest. A new limit starts with its whole allowance. */
  set(key: string, given: Partial<KeySettings>): KeySettings {
    const known = this.byKey.get(key) ?? this.add(key);
    Object.assign(
      known,
      Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    );
    if (given.limit !== undefined || given.window_seconds !== undefined) {
      known.allowance = known.limit ?? 0;
      known.checkedAt = this.clock.now();
    }
    return this.settings(key);
  }

  reset(): void {
    this.byKey.clear();
  }

  private add(key: string): Key {
    const added = this.fresh();
    this.byKey.set(key, added);
    return added;
  }

  private fresh(): Key {
    const limit = this.config.rateLimit || null;
    return {
      limit,
      window_seconds: 1,
      balance: null,
      unauthorised: null,
      inbound_url: null,
      retry_after: false,
      allowance: limit ?? 0,
      checkedAt: this.clock.now(),
    };
  }
}
