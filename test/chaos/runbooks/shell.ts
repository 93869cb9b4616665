import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../support/root.js';

const withinMs = 60_000;

export interface ShellAnswer {
  readonly code: number | null;
  readonly output: string;
}

/** One shell for the commands of a page: what a block finds, the next ones know. A block ends at its first error. */
export class Shell {
  private readonly directory = mkdtempSync(join(tmpdir(), 'tyrian-runbook-'));

  constructor(private readonly variables: Readonly<Record<string, string>>) {}

  run(block: string): Promise<ShellAnswer> {
    const found = join(this.directory, 'found.sh');
    const script = `set -a; if [ -f '${found}' ]; then . '${found}'; fi\n${block}\nexport -p > '${found}'`;
    return new Promise((resolve, reject) => {
      const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
        cwd: root,
        env: { PATH: process.env['PATH'], HOME: this.directory, ...this.variables },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: withinMs,
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (output += text));
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, output }));
    });
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
