/** Waits until the probe gives something, or throws with what it last gave. */
export async function eventually<T>(
  probe: () => Promise<T | null | undefined | false>,
  options: { withinMs?: number; what?: string } = {},
): Promise<T> {
  const deadline = performance.now() + (options.withinMs ?? 10_000);
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (performance.now() > deadline)
      throw new Error(`did not happen in time: ${options.what ?? 'the awaited state'}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
