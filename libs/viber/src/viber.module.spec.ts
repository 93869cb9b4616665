import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { ViberNotReached } from './errors.js';
import { credential, failureOf, textMessage, until } from './testing/fixtures.js';
import { RawProvider } from './testing/raw-provider.js';
import { ViberClient } from './viber-client.js';
import { ViberModule } from './viber.module.js';

let provider: RawProvider;
let application: TestingModule | undefined;

beforeEach(async () => {
  provider = await RawProvider.start();
});

afterEach(async () => {
  await application?.close();
  await provider.stop();
});

@Injectable()
class Greeter {
  constructor(readonly viber: ViberClient) {}
}

describe('ViberModule', () => {
  it('forRoot: gives a ViberClient to whoever asks for it by its class', async () => {
    application = await Test.createTestingModule({
      imports: [ViberModule.forRoot({ baseUrl: provider.baseUrl })],
      providers: [Greeter],
    }).compile();
    const { viber } = application.get(Greeter);
    expect((await viber.send(credential, textMessage)).messageId).toBe('429');
  });

  it('forRootAsync: takes its options from what others provide', async () => {
    @Module({
      providers: [{ provide: 'BASE_URL', useFactory: () => provider.baseUrl }],
      exports: ['BASE_URL'],
    })
    class Settings {}

    application = await Test.createTestingModule({
      imports: [
        ViberModule.forRootAsync({
          imports: [Settings],
          inject: ['BASE_URL'],
          useFactory: (baseUrl: string) => ({ baseUrl }),
        }),
      ],
      providers: [Greeter],
    }).compile();
    const { viber } = application.get(Greeter);
    expect((await viber.send(credential, textMessage)).messageId).toBe('429');
  });

  it('isGlobal: is imported once for all modules', async () => {
    @Module({ providers: [Greeter], exports: [Greeter] })
    class Greetings {}

    application = await Test.createTestingModule({
      imports: [ViberModule.forRoot({ baseUrl: provider.baseUrl, isGlobal: true }), Greetings],
    }).compile();
    expect(application.get(Greeter).viber).toBeInstanceOf(ViberClient);
  });

  it('closes its connections with the application', async () => {
    application = await Test.createTestingModule({
      imports: [ViberModule.forRoot({ baseUrl: provider.baseUrl })],
    }).compile();
    const viber = application.get(ViberClient);
    await viber.send(credential, textMessage);
    await application.close();

    await until(() => provider.sockets.every((socket) => socket.destroyed));
    expect(await failureOf(viber.send(credential, textMessage))).toBeInstanceOf(ViberNotReached);
  });

  it('a double takes its place by the same token', async () => {
    class Recorder extends ViberClient {
      sent = 0;
      override async send() {
        this.sent++;
        return { messageId: '1' } as never;
      }
      override async status() {
        return { status: 1 } as never;
      }
      override async close() {}
    }
    const recorder = new Recorder();
    application = await Test.createTestingModule({
      imports: [ViberModule.forRoot({ baseUrl: provider.baseUrl })],
      providers: [Greeter],
    })
      .overrideProvider(ViberClient)
      .useValue(recorder)
      .compile();
    await application.get(Greeter).viber.send(credential, textMessage);
    expect(recorder.sent).toBe(1);
    expect(await recorder.check(credential)).toBe('plausible');
  });
});
