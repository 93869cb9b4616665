import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A wire between a gateway and PostgreSQL that a test can cut, freeze and mend. */
export interface DatabaseProxy {
  readonly url: string;
  /** Cuts every connection, and refuses new ones until `mend`. */
  cut(): void;
  mend(): void;
  /**
   * Cuts each connection on which a COMMIT has just been handed on: its answer never comes. The control plane's are
   * told from others by TypeORM's capital letters.
   * @param of whose; a number is that of one connection
   */
  cutAfterCommit(times: number, of?: 'anybody' | 'the control plane' | number): void;
  /**
   * Loses the COMMIT of the next transaction that holds such a statement, which the connection must see for the first
   * time: its answer never comes, and nothing is let through any more until `mend`. Resolves when it is lost.
   */
  loseCommitAfter(statement: RegExp): Promise<void>;
  /** Holds everything that PostgreSQL answers, until `mend`. */
  freeze(): void;
  close(): Promise<void>;
}

/** @param rewrite what PostgreSQL is told instead of a statement */
export async function startDatabaseProxy(
  databaseUrl: string,
  onStatement: (connection: number, text: string) => void = () => undefined,
  rewrite?: (connection: number, text: string) => string,
): Promise<DatabaseProxy> {
  let connections = 0;
  const target = new URL(databaseUrl);
  const open = new Set<Socket>();
  let state: 'open' | 'cut' | 'frozen' = 'open';
  let commitsToCut = 0;
  let commitTexts = ['commit\0', 'COMMIT\0'];
  let commitsOf: number | null = null;
  let losing: { statement: RegExp; connection: number | null; lost: () => void } | null = null;
  const destroyAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  const server = createServer((client) => {
    if (state === 'cut') {
      client.destroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    let isCommitting = false;
    let isLosing = false;
    connections += 1;
    const connection = connections;
    const read = messageReader((text) => {
      onStatement(connection, text);
      if (losing) {
        if (losing.connection === null && losing.statement.test(text))
          losing.connection = connection;
        isLosing ||= losing.connection === connection && text === 'commit';
      }
      return rewrite?.(connection, text) ?? text;
    });
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk: Buffer) => {
      const told = read(chunk);
      const isOne = commitsToCut > 0 && (commitsOf === null || commitsOf === connection);
      if (isOne && commitTexts.some((text) => chunk.includes(text))) {
        commitsToCut -= 1;
        isCommitting = true;
      }
      upstream.write(rewrite === undefined ? chunk : told);
    });
    upstream.on('data', (chunk: Buffer) => {
      // PostgreSQL has answered, so it has committed: the gateway does not hear of it.
      if (isLosing) {
        state = 'cut';
        destroyAll();
        losing?.lost();
        losing = null;
      } else if (isCommitting) client.destroy();
      else if (state !== 'frozen') client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = Object.assign(new URL(databaseUrl), {
    hostname: '127.0.0.1',
    port: String((server.address() as AddressInfo).port),
  }).href;
  return {
    url,
    cut: () => {
      state = 'cut';
      destroyAll();
    },
    mend: () => {
      if (state === 'frozen') destroyAll();
      state = 'open';
    },
    cutAfterCommit: (times, of = 'anybody') => {
      commitTexts = of === 'the control plane' ? ['COMMIT\0'] : ['commit\0', 'COMMIT\0'];
      commitsOf = typeof of === 'number' ? of : null;
      commitsToCut = times;
    },
    loseCommitAfter: (statement) =>
      new Promise((lost) => (losing = { statement, connection: null, lost })),
    freeze: () => (state = 'frozen'),
    close: async () => {
      destroyAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const simpleQuery = 'Q';
const parse = 'P';

/**
 * Reads the statements out of what a client writes: simple queries, and those that are prepared. Gives back the messages
 * that are complete, with the statements that stand for them.
 */
function messageReader(statement: (text: string) => string): (chunk: Buffer) => Buffer {
  let waiting = Buffer.alloc(0);
  let isStarted = false;
  return (chunk) => {
    waiting = Buffer.concat([waiting, chunk]);
    const told: Buffer[] = [];
    for (;;) {
      // The first message has no type.
      const head = isStarted ? 1 : 0;
      if (waiting.length < head + 4) return Buffer.concat(told);
      const length = head + waiting.readInt32BE(head);
      if (waiting.length < length) return Buffer.concat(told);
      const type = isStarted ? String.fromCharCode(waiting[0] as number) : '';
      const message = waiting.subarray(0, length);
      waiting = waiting.subarray(length);
      isStarted = true;
      told.push(type === simpleQuery || type === parse ? restated(message, statement) : message);
    }
  };
}

/** A simple query is its text, a prepared one has a name before it and types of parameters behind it. */
function restated(message: Buffer, statement: (text: string) => string): Buffer {
  const type = message.subarray(0, 1);
  const start = type.toString() === parse ? message.indexOf(0, 5) + 1 : 5;
  const end = message.indexOf(0, start);
  const text = message.toString('utf8', start, end);
  const told = statement(text);
  if (told === text) return message;
  const body = Buffer.concat([
    message.subarray(5, start),
    Buffer.from(told),
    message.subarray(end),
  ]);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([type, length, body]);
}
