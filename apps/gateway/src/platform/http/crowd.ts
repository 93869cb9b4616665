import type { IncomingMessage, ServerResponse } from 'node:http';
import { Overloaded } from '../errors/index.js';
import type { CrowdFigures } from '../metrics/index.js';
import { REQUEST_ID_HEADER, requestIdOf } from './request-log.js';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** A request that posts and was taken. */
interface Post {
  readonly request: IncomingMessage;
  /** Monotonic milliseconds. */
  sinceMs: number;
  /** Whether it takes up room: not while its body is on the way. */
  isUnderWay: boolean;
}

export interface CrowdOptions {
  /** Monotonic clock in milliseconds. */
  readonly monotonicMs?: () => number;
}

const tickMs = 50;
/** So long may an answer take, at the median of late. The longer, the larger are the groups that are committed together. */
const longestAnswerMs = 400;
/** With fewer under way the groups become smaller, at the price of large ones: fewer are answered, and none of them sooner. */
const fewOpen = 500;
/** So long may the answers of these take. */
const longestAnswerOfFewMs = 2_000;
/** A loop that comes round so late has more to do than it can. */
const longestLagMs = 250;
/** So many are always taken: where they are slow it is for another reason, and to turn them away would mend nothing. */
const leastOpen = 100;
const mostOpen = 20_000;
/** Each time that some are answered; they tell of the room that there was when they came, so the steps are small. */
const narrowing = 0.9;
const widening = 1.1;
/** Of each turn of the loop, for those who are turned away; in between the others get on. */
const longestTellingMs = 4;
/** A limit that is not reached says nothing of what could be served. */
const reachedShare = 0.8;
/** What tells of the process must be heard, what the provider tells cannot be asked for again, and the operator comes to help. */
const alwaysTaken = ['/health/', '/callbacks/', '/metrics', '/admin/'];

/**
 * Turns requests away unread where there are more than can be served. Each one would be begun, wait, and be answered
 * after its time: the more come, the fewer would be served at all. Unread it costs a fraction, so it never gets as far as
 * Fastify.
 *
 * How many that is, is found: as many as are answered in time. What posts is counted, once its body is here, so that nobody
 * takes the room of others by sending slowly; what reads may wait for news for as long as it likes, and is turned away only
 * while the event loop cannot follow.
 */
export class Crowd implements CrowdFigures {
  private readonly monotonicMs: () => number;
  private readonly timer: NodeJS.Timeout;
  private limit = fewOpen;
  private lagMs = 0;
  private lastMs: number;
  private readonly open = new Set<Post>();
  private posts = 0;
  private reads = 0;
  private mostPosts = 0;
  private tookMs: number[] = [];
  private readonly listeners: ((turnedAway: number) => void)[] = [];
  private readonly unheard: Exchange[] = [];

  constructor({ monotonicMs = () => performance.now() }: CrowdOptions = {}) {
    this.monotonicMs = monotonicMs;
    this.lastMs = monotonicMs();
    this.timer = setInterval(() => this.tick(), tickMs);
    this.timer.unref();
  }

  get room(): number {
    return this.limit;
  }

  onTurnedAway(listener: (turnedAway: number) => void): void {
    this.listeners.push(listener);
  }

  /** False where there is no room: the request is answered here then, in its turn. */
  takes(request: IncomingMessage, response: ServerResponse): boolean {
    if (isAlwaysTaken(request.url)) return true;
    const isPost = request.method === 'POST';
    if (!this.hasRoom(isPost)) {
      this.turnAway(request, response);
      return false;
    }
    if (isPost) this.followPost(request, response);
    else this.followRead(response);
    return true;
  }

  close(): void {
    clearInterval(this.timer);
  }

  private hasRoom(isPost: boolean): boolean {
    if (isPost && this.posts >= this.limit) return false;
    return this.lagMs <= longestLagMs || this.posts + this.reads <= leastOpen;
  }

  private followPost(request: IncomingMessage, response: ServerResponse): void {
    const post: Post = { request, sinceMs: 0, isUnderWay: false };
    this.open.add(post);
    this.begin(post);
    // By then the parser has seen all that came with the headers.
    setImmediate(() => this.look(post));
    response.once('close', () => {
      this.open.delete(post);
      if (!post.isUnderWay) return;
      this.end(post);
      this.tookMs.push(this.monotonicMs() - post.sinceMs);
    });
  }

  private begin(post: Post): void {
    post.isUnderWay = true;
    post.sinceMs = this.monotonicMs();
    this.posts += 1;
    this.mostPosts = Math.max(this.mostPosts, this.posts);
  }

  private end(post: Post): void {
    post.isUnderWay = false;
    this.posts -= 1;
  }

  /** Whether the body is here by now, or still on the way. */
  private look(post: Post): void {
    if (!this.open.has(post) || post.isUnderWay === post.request.complete) return;
    if (post.request.complete) this.begin(post);
    else this.end(post);
  }

  private followRead(response: ServerResponse): void {
    this.reads += 1;
    response.once('close', () => (this.reads -= 1));
  }

  /** In its turn: with all answers at once whoever was taken would wait for thousands who were not. */
  private turnAway(request: IncomingMessage, response: ServerResponse): void {
    this.unheard.push({ request, response });
    if (this.unheard.length === 1) setImmediate(() => this.tellSome());
  }

  private tellSome(): void {
    const untilMs = this.monotonicMs() + longestTellingMs;
    let told = 0;
    do tell(this.unheard[told++]!);
    while (told < this.unheard.length && this.monotonicMs() < untilMs);
    this.unheard.splice(0, told);
    for (const listener of this.listeners) listener(told);
    if (this.unheard.length > 0) setImmediate(() => this.tellSome());
  }

  private tick(): void {
    const nowMs = this.monotonicMs();
    this.lagMs = nowMs - this.lastMs - tickMs;
    this.lastMs = nowMs;
    for (const post of this.open) this.look(post);
    const most = this.mostPosts;
    const isFull = most >= this.limit * reachedShare;
    this.mostPosts = this.posts;
    const answeredMs = this.tookMs;
    this.tookMs = [];
    // While nobody is answered nothing is learned of how long it takes.
    if (answeredMs.length === 0) return;
    const areFew = this.limit <= fewOpen;
    const isSlow = median(answeredMs) > (areFew ? longestAnswerOfFewMs : longestAnswerMs);
    // Where there was room for more, it is not the room that made them slow; what nobody uses of it goes all the same.
    if (isSlow && areFew && isFull) this.limit = Math.max(leastOpen, this.limit * narrowing);
    else if (isSlow && !areFew)
      this.limit = Math.max(fewOpen, Math.min(this.limit, most / reachedShare) * narrowing);
    else if (!isSlow && (isFull || this.limit < fewOpen))
      this.limit = Math.min(mostOpen, this.limit * widening);
  }
}

function tell({ request, response }: Exchange): void {
  response.writeHead(status, { ...headers, [REQUEST_ID_HEADER]: requestIdOf(request) });
  response.end(body);
}

const overloaded = new Overloaded();
const { status } = overloaded;
const body = Buffer.from(JSON.stringify(overloaded.toProblem()));
const headers = {
  ...overloaded.headers,
  'content-type': 'application/problem+json',
  'content-length': body.length,
};

function isAlwaysTaken(url: string | undefined): boolean {
  return alwaysTaken.some((way) => url?.startsWith(way) === true);
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}
