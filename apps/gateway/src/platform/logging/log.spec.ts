import { describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Log } from './log.js';
import { NestLog } from './nest-log.js';

function recording(format: 'json' | 'text' = 'json', level: 'info' | 'trace' | 'silent' = 'info') {
  const lines: string[] = [];
  const log = Log.create({ level, format, write: (line) => lines.push(line) });
  return { log, lines, entries: () => lines.map((line) => JSON.parse(line)) };
}

const secrets = [
  '380501234567',
  '+380501234567',
  '+380 50 123 45 67',
  'tyr_live_ab12cd34_0123456789abcdefABCDEF',
  'Bearer operator-token-operator-token-oper',
  'Basic cHJvdmlkZXIta2V5',
  'https://gw.example/callbacks/viber/s/t.a.m.1.k1.AAAAAAAAAAAAAAAAAAAAAA',
  'postgres://tyrian:hunter2hunter2@db/tyrian',
];
const cores = [
  '0501234567',
  '50 123',
  'cd34_0123',
  'operator-token',
  'cHJvdmlk',
  'AAAAAAAAAA',
  'hunter2',
];

describe('Log', () => {
  it('writes one JSON object a line, with the time in UTC', () => {
    const { log, entries } = recording();
    log.info({ lane: 'a', rows: 3 }, 'settled');
    log.warn('plain');
    log.debug('too fine');
    expect(entries()).toEqual([
      { level: 'info', time: expect.stringMatching(/Z$/), lane: 'a', rows: 3, msg: 'settled' },
      { level: 'warn', time: expect.any(String), msg: 'plain' },
    ]);
  });

  it('hands its bindings on to children', () => {
    const { log, entries } = recording();
    log
      .child({ tenant: 'ten_1' })
      .child({ request: 'r' })
      .error({ err: new Error('x') }, 'failed');
    expect(entries()[0]).toMatchObject({ tenant: 'ten_1', request: 'r', err: { message: 'x' } });
  });

  it.each(['json', 'text'] as const)('never shows a secret, wherever it hides, as %s', (format) => {
    const { log, lines } = recording(format, 'trace');
    for (const secret of secrets) {
      const error = new Error(`failed for ${secret}`, { cause: new Error(secret) });
      log.info(secret);
      log.info({}, `text with ${secret} inside`);
      log.warn({ note: secret, nested: { list: [{ note: secret }] } }, secret);
      log.error({ err: error }, 'failed');
      log.error(error);
      log.fatal({ error: Object.assign(new AggregateError([error]), { detail: secret }) });
      log.child({ bound: secret, err: error }).debug({ [secret]: 1 }, 'bound');
      new NestLog(log).error(secret, `Error: ${secret}\n    at place (${secret})`, 'Context');
      new NestLog(log).log({ note: secret }, 'Context');
      new NestLog(log).warn(error, 'Context');
    }
    expect(lines.length).toBeGreaterThanOrEqual(secrets.length * 10);
    for (const core of cores) expect(lines.join('')).not.toContain(core);
  });

  it('does not read format directives, which would show arguments unmasked', () => {
    const { log, entries } = recording();
    log.info({ a: 1 }, '100 %s of %o');
    expect(entries()[0].msg).toBe('100 %s of %o');
  });

  it('says nothing when silent', () => {
    const { log, lines } = recording('json', 'silent');
    log.fatal('the end');
    expect(lines).toEqual([]);
  });

  it('is readable in development', () => {
    const { log, lines } = recording('text');
    log.info({ port: 8080 }, 'listening');
    expect(lines.join('')).toMatch(/INFO.*: listening \{"port":8080\}/);
  });
});

describe('NestLog', () => {
  it('takes over Nest’s messages with their context, chatter at debug', () => {
    const { log, entries } = recording('json', 'trace');
    const nest = new NestLog(log);
    nest.log('Mapped {/v1}', 'RouterExplorer');
    nest.log('ready', 'Main');
    nest.error('broken', 'Error: x\n    at here', 'Main');
    nest.error(new TypeError('thrown'));
    nest.verbose('fine');
    expect(entries()).toMatchObject([
      { level: 'debug', context: 'RouterExplorer', msg: 'Mapped {/v1}' },
      { level: 'info', context: 'Main', msg: 'ready' },
      { level: 'error', context: 'Main', msg: 'broken', stack: 'Error: x\n    at here' },
      { level: 'error', msg: 'thrown', err: { type: 'TypeError' } },
      { level: 'trace', msg: 'fine' },
    ]);
  });

  it('serves Nest’s Logger', () => {
    const { log, entries } = recording();
    Logger.overrideLogger(new NestLog(log));
    new Logger('Feature').log('hello 380501234567');
    Logger.overrideLogger(false);
    expect(entries()).toMatchObject([{ context: 'Feature', msg: 'hello [masked]' }]);
  });
});
