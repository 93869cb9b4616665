import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * The process that runs in this data directory, if one does. A `postmaster.pid` alone proves
 * nothing: after a crash its number may belong to any other program.
 */
export function findPostmaster(directory: string): number | null {
  const file = join(directory, 'postmaster.pid');
  if (!existsSync(file)) return null;
  const pid = Number(readFileSync(file, 'utf8').split('\n', 1)[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return null;
  return worksIn(pid, directory) ? pid : null;
}

/** The process that started this one; 1, or some reaper, once that is dead. */
export function parentOf(pid: number): number | null {
  try {
    if (process.platform === 'linux') {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      return Number(/^PPid:\s*(\d+)/m.exec(status)?.[1]);
    }
    return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }));
  } catch {
    return null;
  }
}

/**
 * Ends the server: sessions are cut and a checkpoint is written. A server that does not manage
 * that in time is told to stop at once, from which PostgreSQL recovers at the next start.
 */
export async function stopPostmaster(pid: number, patienceMs = 30_000): Promise<void> {
  signal(pid, 'SIGINT');
  if (await isGoneWithin(pid, patienceMs)) return;
  signal(pid, 'SIGQUIT');
  await isGoneWithin(pid, patienceMs);
}

/**
 * Stops the server when we die without having done so, by `kill -9` too: the shell reads a pipe
 * that nobody writes to, and that the operating system closes with us.
 */
export function guardPostmaster(pid: number): ChildProcess {
  const guard = spawn('/bin/sh', ['-c', 'read -r _; kill -INT "$1"', 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // A session of its own: a Ctrl-C in the terminal must not reach it before us.
    detached: true,
  });
  guard.on('error', () => undefined);
  guard.unref();
  (guard.stdin as (NodeJS.WritableStream & { unref?(): void }) | null)?.unref?.();
  return guard;
}

function worksIn(pid: number, directory: string): boolean {
  try {
    if (process.platform === 'linux') {
      return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(directory);
    }
    const command = execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return command.includes('postgres');
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function isGoneWithin(pid: number, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false;
    await delay(25);
  }
  return true;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended by itself.
  }
}
