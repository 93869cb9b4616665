import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/ports.js';
import { built, root } from '../../support/root.js';

const exitWithParent = join(root, 'tools/first-run/exit-with-parent.mjs');

/** The provider's twin as a process of its own, with its journal in a file. */
export class SandboxProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    readonly journal: string,
  ) {}

  static async start(
    directory: string,
    variables: Readonly<Record<string, string>>,
  ): Promise<SandboxProcess> {
    const port = await freePort();
    const journal = join(directory, 'journal.ndjson');
    const child = spawn(
      process.execPath,
      ['--import', exitWithParent, built('apps/sandbox/src/main.js')],
      {
        env: {
          PATH: process.env['PATH'],
          SANDBOX_PORT: String(port),
          SANDBOX_JOURNAL_FILE: journal,
          ...variables,
        },
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      },
    );
    const sandbox = new SandboxProcess(child, port, journal);
    await eventually(async () => (await fetch(`${sandbox.url}/sandbox`).catch(() => null))?.ok, {
      withinMs: 30_000,
      what: 'a sandbox that listens',
    });
    return sandbox;
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Callbacks that are still to be made, again or for the first time. */
  async planned(): Promise<number> {
    const answer = await fetch(`${this.url}/sandbox/clock`);
    return ((await answer.json()) as { planned: number }).planned;
  }

  /** Moves its clock; answers that are held back are not moved. */
  async advance(seconds: number): Promise<void> {
    const answer = await fetch(`${this.url}/sandbox/clock/advance`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ seconds }),
    });
    if (!answer.ok) throw new Error(`the sandbox did not move its clock: ${await answer.text()}`);
  }

  /** `POST /sandbox/faults`, as docs/sandbox.md has it; null clears all of them. */
  async setFault(fault: Readonly<Record<string, unknown>> | null): Promise<void> {
    const answer = await fetch(`${this.url}/sandbox/faults`, {
      method: fault === null ? 'DELETE' : 'POST',
      ...(fault === null
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(fault) }),
    });
    if (!answer.ok) throw new Error(`the sandbox refused a fault: ${await answer.text()}`);
  }

  /** `PUT /sandbox/keys/…`, as docs/sandbox.md has it. */
  async setKey(key: string, settings: Readonly<Record<string, unknown>>): Promise<void> {
    const answer = await fetch(`${this.url}/sandbox/keys/${encodeURIComponent(key)}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(settings),
    });
    if (!answer.ok) throw new Error(`the sandbox refused settings: ${await answer.text()}`);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await exited;
  }
}
