import { type AddressInfo, createServer } from 'node:net';

export interface PretendedServer {
  readonly url: string;
  close(): void;
}

/** Lets everybody in and answers each statement with one text: enough to say which version it is. */
export async function pretendServer(answer: string): Promise<PretendedServer> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(Buffer.concat([message('R', int32(0)), ready]));
      socket.on('data', (chunk: Buffer) => {
        if (chunk.toString('latin1', 0, 1) === 'Q') socket.write(oneRow(answer));
        else socket.end();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `postgres://anybody@127.0.0.1:${port}/any`,
    close: () => server.close(),
  };
}

const text = 25;
const ready = message('Z', Buffer.from('I'));

function oneRow(value: string): Buffer {
  const format = Buffer.concat([int32(0), int16(0), int32(text), int16(-1), int32(-1), int16(0)]);
  return Buffer.concat([
    message('T', Buffer.concat([int16(1), Buffer.from('server_version\0'), format])),
    message('D', Buffer.concat([int16(1), int32(value.length), Buffer.from(value)])),
    message('C', Buffer.from('SHOW\0')),
    ready,
  ]);
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}
