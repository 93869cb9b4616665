import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Crowd } from './crowd.js';

class Answer extends EventEmitter {
  status: number | null = null;
  headers: Record<string, unknown> = {};
  body = '';

  writeHead(status: number, headers: Record<string, unknown>): void {
    this.status = status;
    this.headers = headers;
  }

  end(body: Buffer): void {
    this.body = body.toString();
    this.emit('close');
  }
}

let crowd: Crowd;
/** What the loop's clock shows beside the timers' one: a jump of it is a loop that came round late. */
let lateMs: number;

beforeEach(() => {
  jest.useFakeTimers();
  lateMs = 0;
  crowd = new Crowd({ monotonicMs: () => performance.now() + lateMs });
});

afterEach(() => {
  crowd.close();
  jest.useRealTimers();
});

interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether its body is here. */
  complete: boolean;
}

function requestOf(method: string, url: string): Request {
  return { method, url, headers: { 'x-request-id': 'req-12345678' }, complete: true };
}

/** The answer of a request that was taken; null of one that was turned away. */
function come(
  method: string,
  url: string,
  request: Request = requestOf(method, url),
): Answer | null {
  const answer = new Answer();
  const taken = crowd.takes(
    request as unknown as IncomingMessage,
    answer as unknown as ServerResponse,
  );
  if (!taken) turnedAway.push(answer);
  return taken ? answer : null;
}

let turnedAway: Answer[] = [];

beforeEach(() => {
  turnedAway = [];
});

function post(count: number): (Answer | null)[] {
  return Array.from({ length: count }, () => come('POST', '/v1/messages'));
}

function close(answers: readonly (Answer | null)[]): void {
  for (const answer of answers) answer?.emit('close');
}

/** Each of them is answered after so long, and the next ones come as soon as there is room. */
async function serve(forMs: number, eachTakesMs: number, many = 5_000): Promise<void> {
  for (let ms = 0; ms < forMs; ms += eachTakesMs) {
    const answers: Answer[] = [];
    for (let n = 0; n < many && answers.length < Math.floor(crowd.room); n += 1) {
      const answer = come('POST', '/v1/messages');
      if (answer) answers.push(answer);
    }
    await jest.advanceTimersByTimeAsync(eachTakesMs);
    close(answers);
    await jest.advanceTimersByTimeAsync(0);
  }
}

describe('a crowd that posts', () => {
  it('finds as much room as is answered in time: less where answers are slow, more where they are quick and it is full', async () => {
    await serve(1_500, 100);
    expect(crowd.room).toBeGreaterThan(1_000);
    await serve(30_000, 800);
    expect(crowd.room).toBeLessThanOrEqual(550);
    await serve(1_500, 100);
    expect(crowd.room).toBeGreaterThan(1_000);
  });

  it('is let in by groups that are worth a commit, though their answers come late, and by smaller ones only where they take seconds', async () => {
    await serve(30_000, 1_500);
    expect(crowd.room).toBeGreaterThanOrEqual(500);
    await serve(60_000, 3_000);
    const narrow = crowd.room;
    expect(narrow).toBeLessThan(250);
    await serve(30_000, 1_500);
    expect(crowd.room).toBeGreaterThan(narrow * 2);
  });

  it('does not stay as large as it once was where fewer are in it, and slow', async () => {
    await serve(2_000, 100);
    expect(crowd.room).toBeGreaterThan(2_000);
    await serve(30_000, 800, 1_200);
    expect(crowd.room).toBeLessThanOrEqual(550);
  });

  it('does not grow where it is not filled', async () => {
    const before = crowd.room;
    await serve(10_000, 100, 50);
    expect(crowd.room).toBe(before);
  });

  it('does not get less by the slow answers of a few, and comes back when the crowd is gone', async () => {
    const before = crowd.room;
    await serve(20_000, 2_000, 50);
    expect(crowd.room).toBe(before);
    await serve(200_000, 5_000);
    expect(crowd.room).toBe(100);
    await serve(10_000, 100, 10);
    expect(crowd.room).toBeGreaterThanOrEqual(before);
  });

  it('is never so small that a few who are served slowly for another reason are turned away', async () => {
    await serve(200_000, 5_000);
    expect(crowd.room).toBe(100);
    expect(post(100)).not.toContain(null);
    expect(post(1)).toEqual([null]);
  });

  it('hears 503, unread, and there is room again when one of those that were taken is answered', async () => {
    const heard: number[] = [];
    crowd.onTurnedAway((count) => heard.push(count));
    const taken = post(crowd.room);
    expect(come('POST', '/v1/messages')).toBeNull();
    await jest.advanceTimersByTimeAsync(1);
    const [answer] = turnedAway as [Answer];
    expect(answer.status).toBe(503);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'content-length': Buffer.byteLength(answer.body),
      'retry-after': '1',
      'x-request-id': 'req-12345678',
    });
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'overloaded', status: 503 });
    expect(heard).toEqual([1]);
    close(taken.slice(0, 1));
    expect(come('POST', '/v1/messages')).not.toBeNull();
  });

  it('is not kept out by bodies that are on the way, which take up room once they are here', async () => {
    const slow = Array.from({ length: crowd.room }, () => requestOf('POST', '/v1/messages'));
    for (const request of slow) {
      request.complete = false;
      expect(come('POST', '/v1/messages', request)).not.toBeNull();
    }
    expect(post(1)).toEqual([null]);
    await jest.advanceTimersByTimeAsync(1);
    expect(post(crowd.room)).not.toContain(null);
    expect(post(1)).toEqual([null]);
  });

  it('takes up its room when the slow body has come', async () => {
    const request = requestOf('POST', '/v1/messages');
    request.complete = false;
    come('POST', '/v1/messages', request);
    await jest.advanceTimersByTimeAsync(60);
    request.complete = true;
    await jest.advanceTimersByTimeAsync(60);
    expect(post(crowd.room).filter((answer) => answer === null)).toHaveLength(1);
  });

  it('does not keep out probes, callbacks, metrics, the operator, and those who read', () => {
    post(crowd.room);
    for (const url of ['/callbacks/viber/s/x', '/admin/lanes/x/pause'])
      expect(come('POST', url)).not.toBeNull();
    for (const url of ['/health/live', '/metrics', '/v1/events?wait_seconds=30'])
      expect(come('GET', url)).not.toBeNull();
  });

  it('is told bit by bit, so that the others get on in between', async () => {
    post(crowd.room);
    post(30);
    // Each look at the clock costs three milliseconds.
    const moving = jest.spyOn(performance, 'now').mockImplementation(() => (lateMs += 3));
    jest.advanceTimersToNextTimer();
    moving.mockRestore();
    const told = turnedAway.filter(({ status }) => status !== null).length;
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThan(10);
    await jest.advanceTimersByTimeAsync(20);
    expect(turnedAway.every(({ status }) => status === 503)).toBe(true);
  });
});

describe('a loop that comes round late', () => {
  async function comeRoundLate(): Promise<void> {
    lateMs += 1_000;
    await jest.advanceTimersByTimeAsync(50);
  }

  it('turns away those who read as well where many are there, until it is quick again', async () => {
    for (let n = 0; n < 101; n += 1) come('GET', '/v1/events?wait_seconds=30');
    expect(come('GET', '/v1/messages')).not.toBeNull();
    await comeRoundLate();
    expect(come('GET', '/v1/messages')).toBeNull();
    expect(come('POST', '/v1/messages')).toBeNull();
    expect(come('GET', '/health/live')).not.toBeNull();
    await jest.advanceTimersByTimeAsync(50);
    expect(come('GET', '/v1/messages')).not.toBeNull();
  });

  it('turns nobody away where few are there', async () => {
    await comeRoundLate();
    expect(come('POST', '/v1/messages')).not.toBeNull();
  });
});
