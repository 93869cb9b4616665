import type { FastifyInstance } from 'fastify';
import { Overloaded } from '../errors/index.js';
import { sendProblem } from './problem.filter.js';

const lookEveryMs = 50;
/** A loop that comes round so late has more to do than it can. */
const longestLagMs = 250;
/** Below it the lag is another's, and to turn anybody away would mend nothing. */
const crowd = 100;
/** What tells of the process must be heard, and what the provider tells cannot be asked for again. */
const alwaysTaken = ['/health/', '/callbacks/', '/metrics'];

/**
 * Turns requests away unread while there are more than the event loop can serve. Each one would be begun, wait, and be
 * answered after its time: the more come, the fewer would be served at all. Unread it costs a tenth.
 */
export function turnAwayTheCrowd(
  instance: FastifyInstance,
  monotonicMs: () => number = () => performance.now(),
): void {
  let lagMs = 0;
  let lastMs = monotonicMs();
  let open = 0;
  const timer = setInterval(() => {
    const nowMs = monotonicMs();
    lagMs = nowMs - lastMs - lookEveryMs;
    lastMs = nowMs;
  }, lookEveryMs);
  timer.unref();
  instance.addHook('onClose', (_instance, done) => {
    clearInterval(timer);
    done();
  });
  instance.addHook('onRequest', (request, reply, done) => {
    open += 1;
    reply.raw.once('close', () => (open -= 1));
    const path = request.routeOptions.url ?? '';
    if (lagMs > longestLagMs && open > crowd && !alwaysTaken.some((way) => path.startsWith(way)))
      sendProblem(reply, new Overloaded());
    else done();
  });
}
