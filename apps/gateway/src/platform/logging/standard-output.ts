import type { DestinationStream } from 'pino';
import sonicBoom from 'sonic-boom';

const { SonicBoom } = sonicBoom;

/** Buffered lines go out after this time at the latest, and when the process ends. */
const FLUSH_MS = 200;
const BUFFER_BYTES = 4_096;
/** Lines beyond it are dropped: a reader that stands still must not cost the process its memory. */
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * The standard output, written to without waiting. By itself rather than by `pino.destination`, whose sonic-boom 4 tries for
 * ever to write its last lines into a pipe that nobody reads: a process whose log collector or launcher has died
 * would never end, and keep its port.
 */
export function standardOutput(): DestinationStream {
  let isReaderGone = false;
  const stream = new SonicBoom({
    fd: 1,
    sync: false,
    minLength: BUFFER_BYTES,
    periodicFlush: FLUSH_MS,
    maxLength: MOST_BYTES,
  });
  stream.on('error', () => (isReaderGone = true));
  process.once('exit', () => {
    if (isReaderGone) return;
    try {
      stream.flushSync();
    } catch {
      // There is nobody to tell.
    }
  });
  return {
    write(line) {
      if (!isReaderGone) stream.write(line);
    },
  };
}
