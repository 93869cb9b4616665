import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { Metrics } from './metrics.js';

/** What can be told of the crowd at the door. */
export interface CrowdFigures {
  /** How many requests that post may be under way at once. */
  readonly room: number;
  /** @param listener hears how many were turned away, whenever some were */
  onTurnedAway(listener: (turnedAway: number) => void): void;
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly crowd: CrowdFigures;
  }
}

/** Times each answer. The route's pattern stands for the URL, which holds ids and macs. */
@Injectable()
export class HttpMetrics implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    // A command such as `after-restore` answers nobody.
    const adapter = this.host.httpAdapter as HttpAdapterHost['httpAdapter'] | null | undefined;
    if (!adapter) return;
    const seconds = this.metrics.histogram(
      'tyrian_http_request_seconds',
      'Time from a request to its answer, by route and status.',
      ['method', 'route', 'status'],
    );
    const instance = adapter.getInstance<FastifyInstance>();
    this.followTheCrowd(instance.crowd);
    instance.addHook('onResponse', (request, reply, done) => {
      const route = request.routeOptions.url ?? 'none';
      // A method that nobody knows is a label that anybody could choose.
      const method = request.routeOptions.url === undefined ? 'any' : request.method;
      seconds.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
      done();
    });
  }

  /** Those who are turned away unread get as far as no route, and would be missing above. */
  private followTheCrowd(crowd: CrowdFigures): void {
    const turnedAway = this.metrics.counter(
      'tyrian_requests_turned_away_total',
      'Requests that were answered 503 unread, as more came than can be served.',
    );
    crowd.onTurnedAway((count) => turnedAway.inc(count));
    this.metrics.gauge(
      'tyrian_requests_room',
      'Requests that post which may be under way at once: as many as are answered in time.',
      { collect: (gauge) => gauge.set(Math.floor(crowd.room)) },
    );
  }
}
