import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { slow, startApp } from './http-app.fixture.js';

describe('closing the HTTP application', () => {
  it('cuts those off who do not finish their request, and answers whoever has', async () => {
    let answer = (): void => undefined;
    slow.until = new Promise((resolve) => (answer = resolve));
    const { app, port, url } = await startApp({ LIMIT_BODY_TIMEOUT_MS: '30000' });
    const open = async (text: string): Promise<Socket> => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(text);
      return socket;
    };
    const head = 'POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
    const unfinished = [
      await open(`${head}Content-Length: 20\r\n\r\n{"na`),
      await open(head),
      await open(''),
    ];
    const whole = fetch(`${url}/things/slow`);
    await sleep(200);

    const closed = app.close();
    await Promise.all(unfinished.map((socket) => once(socket, 'close')));
    answer();
    expect(await (await whole).json()).toEqual({ waited: true });
    await closed;
  }, 15_000);
});
