import type { FastifyInstance } from 'fastify';
import { Deadline, withDeadline } from '../deadline/index.js';

declare module 'fastify' {
  interface FastifyRequest {
    deadline: Deadline | null;
  }
}

/** A client hears within three seconds, whatever the database does; what is left is for the answer itself. */
const requestMs = 2_600;

/** Gives each request its deadline, counted from when it has arrived whole. */
export function useRequestDeadlines(instance: FastifyInstance): void {
  instance.decorateRequest('deadline', null);
  // Before it the body is read in events of the socket, which know nothing of the request.
  instance.addHook('preValidation', (request, _reply, done) => {
    request.deadline = Deadline.in(requestMs);
    withDeadline(request.deadline, done);
  });
  instance.addHook('onResponse', (request, _reply, done) => {
    request.deadline?.lift();
    done();
  });
}
