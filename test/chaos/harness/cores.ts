import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Whether processes can be given cores of their own here. */
export function haveTwoCores(): boolean {
  return cpus().length >= 2 && spawnSync('taskset', ['--version']).status === 0;
}

/** Keeps a process, its threads and its children of now to one core; what they start later inherits it. */
export function pin(pid: number, core: number): void {
  pinAlone(pid, core);
  for (const child of childrenOf(pid)) pin(child, core);
}

/** The same, without its children. */
export function pinAlone(pid: number, core: number): void {
  setCores(pid, String(core));
}

/** Gives a process, its threads and its children of now all cores again. */
export function unpin(pid: number): void {
  setCores(pid, `0-${cpus().length - 1}`);
  for (const child of childrenOf(pid)) unpin(child);
}

function setCores(pid: number, cores: string): void {
  spawnSync('taskset', ['-acp', cores, String(pid)]);
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
}

/** Memory that a process has in use, in MiB. */
export function residentMiB(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) / 1_024;
}
