import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/ports.js';
import { FaultProxy } from './fault-proxy.js';

let echo: Server;
let wire: FaultProxy;
const atEcho = new Set<Socket>();

beforeEach(async () => {
  echo = createServer((socket) => {
    atEcho.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => atEcho.delete(socket));
    socket.pipe(socket);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const { port } = echo.address() as AddressInfo;
  // Nobody listens at the first one.
  const dead = await freePort();
  wire = await FaultProxy.start({ targets: () => [dead, port] });
});

afterEach(async () => {
  await wire.close();
  await new Promise((resolve) => echo.close(resolve));
});

/** A client behind the wire, with what it heard and how its connection ended. */
async function client() {
  const socket = connect(wire.port, '127.0.0.1');
  const seen = { socket, heard: '', end: '' };
  socket.on('data', (bytes) => (seen.heard += String(bytes)));
  socket.on('error', (error: NodeJS.ErrnoException) => (seen.end = error.code ?? 'error'));
  socket.on('close', () => (seen.end ||= 'closed'));
  await once(socket, 'connect');
  return seen;
}

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));

describe('a wire that can be broken', () => {
  it('hands everything on to the first target that takes the connection, and remembers its port', async () => {
    const one = await client();
    one.socket.write('hello');
    await eventually(async () => one.heard === 'hello');
    const [made] = wire.history;
    expect([...atEcho].map((socket) => socket.remotePort)).toEqual([made?.port]);
    expect(wire.localPorts).toEqual([made?.port]);
    one.socket.end();
    await eventually(async () => one.end === 'closed' && made?.to !== null && atEcho.size === 0);
  });

  it('cut: ends every connection, and each new one until it is mended', async () => {
    const one = await client();
    one.socket.write('x');
    await eventually(async () => one.heard === 'x');
    wire.cut();
    await eventually(async () => one.end !== '' && atEcho.size === 0);
    const other = await client();
    await eventually(async () => other.end !== '');
    wire.mend();
    const third = await client();
    third.socket.write('y');
    await eventually(async () => third.heard === 'y');
  });

  it('reset: the client is told by RST, and a new connection is made', async () => {
    const one = await client();
    one.socket.write('x');
    await eventually(async () => one.heard === 'x');
    wire.reset();
    await eventually(async () => one.end === 'ECONNRESET');
    const other = await client();
    other.socket.write('y');
    await eventually(async () => other.heard === 'y');
  });

  it('half-open: nothing arrives and nobody hears of it; mending ends the connection', async () => {
    const one = await client();
    one.socket.write('x');
    await eventually(async () => one.heard === 'x');
    wire.deafen();
    one.socket.write('lost');
    await soon();
    expect([one.heard, one.end]).toEqual(['x', '']);
    expect(atEcho.size).toBe(1);
    wire.mend();
    await eventually(async () => one.end !== '');
    expect(one.heard).toBe('x');
  });

  it('frozen: what was held back arrives in its order when it is mended', async () => {
    const one = await client();
    one.socket.write('1');
    await eventually(async () => one.heard === '1');
    wire.freeze();
    one.socket.write('2');
    await soon();
    one.socket.write('3');
    await soon();
    expect(one.heard).toBe('1');
    wire.mend();
    one.socket.write('4');
    await eventually(async () => one.heard === '1234');
  });

  it('slow: arrives later, in its order, also where the wire is mended in between', async () => {
    const one = await client();
    one.socket.write('1');
    await eventually(async () => one.heard === '1');
    wire.delay(300);
    one.socket.write('2');
    await soon();
    expect(one.heard).toBe('1');
    wire.mend();
    one.socket.write('3');
    await eventually(async () => one.heard === '123');
  });
});
