/** The instant that a UUIDv7 carries, in milliseconds since the epoch. */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The smallest UUIDv7 of an instant: the bound of a time-ordered id. */
export function smallestIdAt(atMs: number): string {
  const hex = Math.min(Math.max(0, Math.floor(atMs)), latestMs)
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

export const lowestId = '00000000-0000-0000-0000-000000000000';
export const highestId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const latestMs = 2 ** 48 - 1;
