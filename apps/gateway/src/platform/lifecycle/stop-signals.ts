/** What of `process` is needed, so that a test can stand in for it. */
interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: number): void;
}

/** As a shell counts a process that a SIGTERM ended. */
const STOPPED_AT_ONCE = 143;

/**
 * Stops in good order on the first SIGTERM or SIGINT, and at once on the second, or when the order
 * takes longer than its time.
 *
 * @param stop ends the work; the process exits once it is done
 */
export function stopOnSignal(
  stop: () => Promise<void>,
  timeoutMs: number,
  source: SignalSource = process,
): void {
  let isStopping = false;
  const onSignal = (): void => {
    if (isStopping) {
      source.exit(STOPPED_AT_ONCE);
      return;
    }
    isStopping = true;
    const deadline = setTimeout(() => source.exit(STOPPED_AT_ONCE), timeoutMs).unref();
    void stop()
      .then(
        () => 0,
        () => 1,
      )
      .then((code) => {
        clearTimeout(deadline);
        return source.exit(code);
      });
  };
  source.on('SIGINT', onSignal);
  source.on('SIGTERM', onSignal);
}
