import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { http, RawProvider } from './testing/raw-provider.js';

interface Example {
  AppModule: new () => object;
  Greeter: new (...dependencies: never[]) => { greet(recipient: string): Promise<string> };
}

let provider: RawProvider;
let folder: string;
let application: TestingModule;
let example: Example;

beforeEach(async () => {
  provider = await RawProvider.start();
  process.env['VIBER_BASE_URL'] = provider.baseUrl;
  process.env['VIBER_KEY'] = 'the-key';

  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  // Inside the package, so that `#viber` means to the example what it means to everybody else.
  folder = await mkdtemp(join(import.meta.dirname, 'readme-'));
  const file = join(folder, 'example.ts');
  await writeFile(file, code!);
  example = (await import(file)) as Example;
  Logger.overrideLogger(false);
  application = await Test.createTestingModule({ imports: [example.AppModule] }).compile();
});

afterEach(async () => {
  delete process.env['VIBER_BASE_URL'];
  delete process.env['VIBER_KEY'];
  await application?.close();
  await provider.stop();
  await rm(folder, { recursive: true });
});

it("the README's example runs as printed, and each of its answers comes true", async () => {
  const greeter = application.get(example.Greeter);
  const greet = (): Promise<string> => greeter.greet('380671234567');

  expect(await greet()).toBe('sent as 429');
  expect(provider.requests[0]!.head).toContain(
    `authorization: Basic ${Buffer.from('the-key').toString('base64')}`,
  );
  expect(JSON.parse(provider.requests[0]!.body)).toEqual({
    source_addr: 'My Company',
    destination_addr: '380671234567',
    message_type: 106,
    source_type: 2,
    text: 'Hello!',
    validity_period: 3600,
  });

  const refusal = { name: 'Invalid Parameter: [text]', message: '', code: 1, status: 400 };
  provider.reply = (socket) => void socket.write(http(200, JSON.stringify(refusal)));
  expect(await greet()).toBe('refused: text');

  provider.reply = (socket) => void socket.write(http(429, '', { 'retry-after': '2' }));
  expect(await greet()).toBe('not sent, again in 2000 ms');

  provider.reply = (socket) => void socket.resetAndDestroy();
  expect(await greet()).toBe('unknown: reset');
});
