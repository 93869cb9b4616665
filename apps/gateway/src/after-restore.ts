import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { AfterRestoreModule } from './after-restore.module.js';
import { RestoredWork, type RestoredReport, type RestoredSpan } from './installation/index.js';
import { readInstant } from './messages/index.js';
import { readConfiguration } from './platform/config/index.js';
import { DatabaseHealth, examineServer } from './platform/database/index.js';
import { startDatabase } from './start-database.js';
import { endBecauseOf, WrongArguments } from './start-failure.js';

const usage =
  'Usage: npm run after-restore -- --data-until <time> [--sending-stopped-at <time>]\n' +
  '  --data-until          what the restored data reach up to, such as 2026-03-01T09:00:00Z\n' +
  '  --sending-stopped-at  when the last gateway on the other database had stopped; now, if left out\n' +
  'Times are ISO 8601 with their offset.';

/** `npm run after-restore`: calls unknown what the restored data's former database may have sent since (DISPATCH 22). */
async function run(): Promise<void> {
  const span = readArguments();
  const { configuration, warnings } = readConfiguration();
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  const { address, embedded } = await startDatabase(configuration);
  try {
    for (const warning of await examineServer(address.url)) process.stderr.write(`${warning}\n`);
    const app = await NestFactory.createApplicationContext(AfterRestoreModule.forRoot(address), {
      logger: false,
      abortOnError: false,
    });
    try {
      // It measures the clock as well, which the ids of the events take.
      await app.get(DatabaseHealth).check();
      const report = await app
        .get(RestoredWork)
        .dealWith(span, { kind: 'system', id: 'after-restore', requestId: null });
      process.stdout.write(sentencesOf(report));
    } finally {
      await app.close();
    }
  } finally {
    await embedded?.stop();
  }
}

function readArguments(): RestoredSpan {
  const given = parse();
  const dataUntil = given['data-until'];
  if (dataUntil === undefined) throw wrongArguments('--data-until is missing.');
  const stopped = given['sending-stopped-at'];
  return {
    dataUntil: instant('--data-until', dataUntil),
    sendingStoppedAt: stopped === undefined ? null : instant('--sending-stopped-at', stopped),
  };
}

function parse(): { 'data-until'?: string; 'sending-stopped-at'?: string } {
  const options = {
    'data-until': { type: 'string' },
    'sending-stopped-at': { type: 'string' },
  } as const;
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw wrongArguments((error as Error).message);
  }
}

function instant(name: string, text: string): Date {
  const at = readInstant(text);
  if (at === null) throw wrongArguments(`${name} is no time with an offset: ${text}`);
  return new Date(at);
}

function wrongArguments(problem: string): WrongArguments {
  return new WrongArguments(`${problem}\n${usage}`);
}

function sentencesOf(report: RestoredReport): string {
  const { hold, uncertain, again, final, queued, scheduled } = report;
  const difference = hold.difference.map(({ mark }) => mark).join(', ');
  const cause = difference === '' ? hold.because : `${hold.because}: ${difference}`;
  return [
    `On hold since ${hold.since.toISOString()} (${cause}): nothing is sent.`,
    `${uncertain + again + final} messages may have been sent elsewhere:`,
    `  ${uncertain} are uncertain; callbacks resolve what they can.`,
    `  ${again} are sent again after the release and their grace, marked as possible duplicates (at_least_once).`,
    `  ${final} had ended already.`,
    `${queued} messages stay in the queue and ${scheduled} scheduled: accepted here, or due later.`,
    'Look at it, then send again with POST /admin/installation/release.',
    '',
  ].join('\n');
}

run().catch(endBecauseOf);
