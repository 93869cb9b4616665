import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const exitWithParent = fileURLToPath(new URL('exit-with-parent.mjs', import.meta.url));

/** A process of ours that does not outlive us. */
export class Child {
  #process;

  /** @param {{ name: string, script: string, env: NodeJS.ProcessEnv }} options */
  constructor({ name, script, env }) {
    this.name = name;
    this.#process = spawn(process.execPath, ['--import', exitWithParent, script], {
      env,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // A session of its own: Ctrl-C reaches the launcher alone, which stops all in order.
      detached: true,
    });
    /** Settles with how the process ended. */
    this.exited = once(this.#process, 'exit').then(([code, signal]) => signal ?? `status ${code}`);
  }

  get isRunning() {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Lets the process finish what it is doing, for as long as it needs. */
  async stop() {
    if (this.isRunning) this.#process.kill('SIGTERM');
    await this.exited;
  }

  kill() {
    if (this.isRunning) this.#process.kill('SIGKILL');
  }
}
