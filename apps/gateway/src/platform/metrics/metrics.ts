import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; from a group commit of a warm disk to a provider's deadline. */
const defaultBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface GaugeOptions<Label extends string> {
  readonly labels?: readonly Label[];
  /** Sets the gauge when it is read, so that nothing is kept up to date for nobody. */
  readonly collect?: (gauge: Gauge<Label>) => void | Promise<void>;
}

/**
 * What this process counts, in the words of Prometheus. A registry of its own and not the library's global one, as a
 * test runs several gateways in one process. No label names a tenant, an account or a number: their values are few.
 */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  counter<Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  gauge<Label extends string = never>(
    name: string,
    help: string,
    { labels = [], collect }: GaugeOptions<Label> = {},
  ): Gauge<Label> {
    return new Gauge({
      name,
      help,
      labelNames: labels,
      registers: [this.registry],
      ...(collect
        ? {
            collect(this: Gauge<Label>) {
              return collect(this);
            },
          }
        : {}),
    });
  }

  /** Of seconds, unless other buckets are given. */
  histogram<Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
    buckets: readonly number[] = defaultBuckets,
  ): Histogram<Label> {
    return new Histogram({
      name,
      help,
      labelNames,
      buckets: [...buckets],
      registers: [this.registry],
    });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** All of it, in Prometheus' text format. */
  read(): Promise<string> {
    return this.registry.metrics();
  }
}
