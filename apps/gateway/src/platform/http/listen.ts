import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Configuration } from '../config/index.js';

/** HOST and PORT are not to be had: one sentence that names the one to change. */
export class CannotListen extends Error {
  override readonly name = 'CannotListen';
}

/** @throws CannotListen */
export async function listen(
  app: NestFastifyApplication,
  { host, port }: Pick<Configuration, 'host' | 'port'>,
): Promise<void> {
  // By itself: what fails in here is no fault of HOST or PORT.
  await app.init();
  try {
    await app.listen(port, host);
  } catch (error) {
    const sentence = sentenceOf((error as NodeJS.ErrnoException).code ?? '', host, port);
    throw sentence === null ? error : new CannotListen(sentence, { cause: error });
  }
}

function sentenceOf(code: string, host: string, port: number): string | null {
  switch (code) {
    case 'EADDRINUSE':
      return `PORT ${port} is in use on ${host}: stop the program that listens there, or set PORT to another one.`;
    case 'EACCES':
      return `PORT ${port} is not open to this user (${code}): set PORT to one above 1023.`;
    case 'EADDRNOTAVAIL':
    case 'EINVAL':
      return `HOST ${host} is no address of this machine (${code}): set HOST to one, or to 0.0.0.0 for all.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST ${host} is not known (${code}): set HOST to an address of this machine, or to 0.0.0.0 for all.`;
    default:
      return null;
  }
}
