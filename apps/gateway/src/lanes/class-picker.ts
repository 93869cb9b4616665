/** What each lower class keeps of the tokens, however much waits above it. */
const lowerClassShare = 0.1;

/**
 * Divides tokens among urgent, normal and promotional: urgent first, but each lower class with a backlog gets a
 * tenth. Fractions are carried on, so that it holds for one token at a time as well.
 */
export class ClassPicker {
  private credits: [number, number, number] = [0, 0, 0];

  /** @param waiting backlog by class @returns how many of each class go out now */
  pick(tokens: number, waiting: readonly [number, number, number]): [number, number, number] {
    const picked: [number, number, number] = [0, 0, 0];
    for (let token = 0; token < tokens; token += 1) {
      const line = this.next(waiting, picked);
      if (line === null) break;
      picked[line] += 1;
    }
    return picked;
  }

  private next(
    waiting: readonly [number, number, number],
    picked: readonly [number, number, number],
  ): 0 | 1 | 2 | null {
    const has = (line: 0 | 1 | 2): boolean => waiting[line] > picked[line];
    const highest = ([0, 1, 2] as const).find(has);
    if (highest === undefined) return null;
    for (const line of [1, 2] as const) {
      this.credits[line] = has(line) && line > highest ? this.credits[line] + lowerClassShare : 0;
    }
    const due = ([2, 1] as const).find((line) => this.credits[line] >= 1 - 1e-9);
    if (due === undefined) return highest;
    this.credits[due] -= 1;
    return due;
  }
}
