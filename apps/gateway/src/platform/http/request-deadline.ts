import type { FastifyInstance } from 'fastify';
import { Deadline } from '../deadline/index.js';
import { flagsOf } from './route-options.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set as soon as the body is there. */
    deadline: Deadline;
  }
}

/** A client hears within three seconds, whatever the database does; what is left is for the answer itself. */
const requestMs = 2_600;

/** Gives each request its deadline, counted from when it has arrived whole. */
export function useRequestDeadlines(instance: FastifyInstance): void {
  instance.decorateRequest('deadline', null as unknown as Deadline);
  // Before it the body is read in events of the socket, which know nothing of the request.
  instance.addHook('preValidation', (request, reply, done) => {
    const deadline = Deadline.in(requestMs);
    request.deadline = deadline;
    // Comes also where the client has gone before its answer.
    reply.raw.once('close', () => deadline.lift());
    if (flagsOf(request.routeOptions.config).deadlineAtHand === true) done();
    else deadline.around(done);
  });
}
