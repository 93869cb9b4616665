// Judges histories that stand in files: `node judge-files.js <run> <folder>`, with clients.ndjson, journal.ndjson,
// database.ndjson and acts.ndjson in the folder. Prints the judgement, and the memory that it took, as one line.
import { join } from 'node:path';
import { judge } from './judge.js';
import { readNdjson } from './ndjson.js';

const [run, folder] = process.argv.slice(2);
if (!run || !folder) throw new Error('usage: judge-files.js <run> <folder>');

const judgement = await judge({
  run,
  clients: readNdjson(join(folder, 'clients.ndjson')),
  provider: readNdjson(join(folder, 'journal.ndjson')),
  database: readNdjson(join(folder, 'database.ndjson')),
  acts: readNdjson(join(folder, 'acts.ndjson')),
  heard: null,
  judgedAt: Date.now(),
});
process.stdout.write(
  `${JSON.stringify({ judgement, maxRssBytes: process.resourceUsage().maxRSS * 1024 })}\n`,
);
