/** Rows that are redrawn in place on a terminal; elsewhere each change is a line. */
export class ScreenTable {
  #out;
  #height = 0;
  #shown = new Map();

  /** @param {NodeJS.WriteStream} out */
  constructor(out) {
    this.#out = out;
  }

  /** @param {Record<string, string>[]} rows each with an `id`; alike keys */
  show(rows) {
    if (this.#out.isTTY) this.#redraw(rows);
    else this.#appendChanges(rows);
  }

  #redraw(rows) {
    const columns = Object.keys(rows[0]);
    const widths = columns.map((name) =>
      Math.max(name.length, ...rows.map((row) => row[name].length)),
    );
    const line = (cells) =>
      cells
        .map((text, i) => text.padEnd(widths[i]))
        .join('  ')
        .trimEnd();
    const lines = [line(columns), ...rows.map((row) => line(columns.map((name) => row[name])))];
    const cut = lines.map((text) => text.slice(0, this.#out.columns ?? 200));
    const back = this.#height === 0 ? '' : `\x1b[${this.#height}A`;
    this.#out.write(`${back}${cut.map((text) => `\x1b[2K${text}\n`).join('')}`);
    this.#height = cut.length;
  }

  #appendChanges(rows) {
    for (const { id, ...cells } of rows) {
      const text = Object.values(cells).join(' | ');
      if (this.#shown.get(id) === text) continue;
      this.#shown.set(id, text);
      this.#out.write(`${id} | ${text}\n`);
    }
  }
}
