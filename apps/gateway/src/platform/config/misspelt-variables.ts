import { configurationVariables } from './variables.js';
import type { EnvironmentVariables } from './variable-reader.js';

const ownPrefixes = ['DATABASE_', 'VIBER_', 'PROVIDER_', 'OUTBOUND_', 'LIMIT_', 'DRAIN_', 'DEV_'];

/** Kubernetes and Docker links set these for a service that is called `database` or `provider`. */
const serviceLinks = /_(?:SERVICE_(?:HOST|PORT)(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP)(?:_\w+)?)?)$/;

/** Close to ours by chance, and set on most machines. */
const foreign = new Set(['HOME', 'NODE_PATH', 'HOSTNAME', 'HOSTTYPE']);

/** One sentence for each variable that looks like one of ours but is not read. */
export function findMisspeltVariables(env: EnvironmentVariables): string[] {
  const known = new Set<string>();
  for (const { name, ...variable } of configurationVariables) {
    known.add(name);
    if ('secret' in variable) known.add(`${name}_FILE`);
  }
  const warnings: string[] = [];
  for (const name of Object.keys(env).sort()) {
    if (known.has(name) || foreign.has(name) || serviceLinks.test(name)) continue;
    const nearest = nearestOf(name, known);
    if (nearest !== null) {
      warnings.push(`${name} is not read. Did you mean ${nearest}?`);
    } else if (ownPrefixes.some((prefix) => name.startsWith(prefix))) {
      warnings.push(`${name} is not read: there is no such variable.`);
    }
  }
  return warnings;
}

function nearestOf(name: string, candidates: Iterable<string>): string | null {
  const upper = name.toUpperCase();
  let nearest: string | null = null;
  let nearestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    // Two slips in a word of five letters make another word.
    const allowed = candidate.length <= 5 ? 1 : 2;
    if (Math.abs(candidate.length - upper.length) > allowed) continue;
    const distance = levenshteinDistance(upper, candidate);
    if (distance <= allowed && distance < nearestDistance) {
      nearest = candidate;
      nearestDistance = distance;
    }
  }
  return nearest;
}

/** The least number of letters to insert, delete or replace to turn one text into the other. */
export function levenshteinDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = previous[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[to.length]!;
}
