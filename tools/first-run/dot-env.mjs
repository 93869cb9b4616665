import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { Stopped } from './stopped.mjs';

/** The environment, and behind it what `.env` in the working directory says, as the gateway reads both. */
export function readEnvironment() {
  return { ...readDotEnv(), ...process.env };
}

function readDotEnv() {
  try {
    return parseEnv(readFileSync('.env', 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw new Stopped(`.env in the working directory cannot be read (${error.code}).`);
  }
}
