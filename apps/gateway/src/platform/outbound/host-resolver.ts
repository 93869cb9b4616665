import { lookup, Resolver } from 'node:dns/promises';
import { Injectable } from '@nestjs/common';

/** Gives the addresses of a host's name. */
export abstract class HostResolver {
  /** None where the name has no address, or nobody knew in time. */
  abstract resolve(host: string): Promise<string[]>;
}

const timeoutMs = 2_000;
/** The server has no such name, or there is no server: the hosts file and the search list may know it. */
const askTheSystem: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'ENODATA',
  'ENONAME',
  'ECONNREFUSED',
  'EBADNAME',
]);

/**
 * Asks name servers without a thread, and the system only for what they do not know: the system's own look-up takes one
 * of four threads for as long as a dead server is silent, and all other work of those would wait.
 */
@Injectable()
export class SystemHostResolver extends HostResolver {
  async resolve(host: string): Promise<string[]> {
    const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (found.length > 0) return found;
    const isUnknown = answers.every(
      (answer) => answer.status === 'rejected' && askTheSystem.has(codeOf(answer.reason)),
    );
    if (!isUnknown) return [];
    const entries = await lookup(host, { all: true, verbatim: true }).catch(() => []);
    return entries.map(({ address }) => address);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
