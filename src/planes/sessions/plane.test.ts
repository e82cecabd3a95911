import { WebSocket } from 'ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataChannelClient } from '../../../test/support/data-channel.ts';
import { prepareAll, testDatabase } from '../../../test/support/database.ts';
import { send } from '../../../test/support/http.ts';
import { Committer } from '../../engine/committer.ts';
import { createListener, type Listener } from '../../http/listener.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { randomIds } from '../../kernel/ids.ts';
import { silentLogger, type Logger } from '../../kernel/log.ts';
import type { Principal } from '../../ports/authorise.ts';
import type { SessionGrant } from '../../ports/shells.ts';
import { createSessionsPlane } from './index.ts';
import { Sessions } from './sessions.ts';
import * as tables from './tables.ts';
import { MemoryShell } from './testing/shell.ts';

const PLACE = { account: '123456789012', region: 'us-east-1' };
const user = (name: string): Principal => ({
  kind: 'user',
  account: PLACE.account,
  arn: `arn:aws:iam::${PLACE.account}:user/${name}`,
  id: name,
});
const ALICE = user('team/alice');
const ROOT: Principal = { kind: 'root', account: PLACE.account, arn: `arn:aws:iam::${PLACE.account}:root`, id: PLACE.account };

let clock: ManualClock;
let database: Awaited<ReturnType<typeof testDatabase>>;
let commits: Committer;
let sessions: Sessions;
let listener: Listener;
let port: number;
let shells: MemoryShell[];
let logged: unknown[];

beforeEach(async () => {
  clock = new ManualClock();
  database = await testDatabase([{ owner: 'sessions', migrations: tables.sessionMigrations }]);
  commits = new Committer(database);
  logged = [];
  const log: Logger = { ...silentLogger, info: (...line) => void logged.push(line) };
  sessions = new Sessions({ db: database, commits, clock, ids: randomIds(clock), log, publicEndpoint: () => 'https://ci.example' });
  shells = [];
  const dispatcher = { handle: async () => undefined, identify: async () => ROOT } as never;
  listener = createListener({ dispatcher, planes: [createSessionsPlane(sessions, clock)], log: silentLogger });
  ({ port } = await listener.listen(0, '127.0.0.1'));
});
afterEach(async () => {
  await listener.close(100);
  await commits.drained();
  await database.close();
});

const host = {
  open() {
    const shell = new MemoryShell();
    shells.push(shell);
    return shell;
  },
};

const endpoint = (): string => `http://127.0.0.1:${port}`;
const begin = (more: object = {}): Promise<SessionGrant> =>
  sessions.start({ ...PLACE, principal: ALICE, target: 'pipewright:p:1', host, endpoint: endpoint(), ...more });
const connect = ({ streamUrl, token }: SessionGrant, more: object = {}) => DataChannelClient.connect({ url: streamUrl, token, ...more });
const list = (active: boolean) => sessions.list(PLACE, { active, most: 10 });

describe('a session', () => {
  it('has SQL that fits its tables', () => expect(prepareAll(database, tables.sql)).toBe(7));

  it('is named for who started it, and reached as the server is', async () => {
    const { sessionId, streamUrl, token } = await begin();
    expect(sessionId).toMatch(/^alice-[a-z2-7]{26}$/);
    expect(streamUrl).toBe(`ws://127.0.0.1:${port}/_pipewright/data-channel/${sessionId}?role=publish_subscribe`);
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect((await begin({ endpoint: 'http://ci.example' })).streamUrl).toMatch(/^wss:\/\/ci\.example\/_pipewright/);
    expect(JSON.stringify(logged)).toContain(sessionId);
    expect(JSON.stringify(logged)).not.toContain(token);
  });

  it('carries a terminal, and is remembered', async () => {
    const grant = await begin({ reason: 'to look', document: 'SSM-SessionManagerRunShell' });
    expect(await list(true)).toMatchObject([
      { sessionId: grant.sessionId, status: 'Connecting', owner: ALICE.arn, target: 'pipewright:p:1', reason: 'to look' },
    ]);
    const client = await connect(grant);
    client.type('ls\r');
    await expect.poll(() => shells[0]?.told).toEqual(['ls\r']);
    shells[0]!.puts('ä file\r\n');
    await client.shows(/ä file/);
    expect(await list(true)).toMatchObject([{ status: 'Connected' }]);
    shells[0]!.ends();
    expect(await client.closed).toBe(1000);
    expect(client.farewell).toBe('');
    await commits.drained();
    expect(await list(true)).toEqual([]);
    expect(await list(false)).toMatchObject([{ sessionId: grant.sessionId, status: 'Terminated', ended: clock.now() }]);
  });

  it('is opened by its own token, once, and not for long', async () => {
    const [first, second] = [await begin(), await begin()];
    const refused = async (grant: SessionGrant): Promise<string | undefined> => {
      const client = await connect(grant);
      expect(await client.closed).toBe(1008);
      return client.farewell;
    };
    expect(await refused({ ...first, token: second.token })).toMatch(/^The token opens no session here/);
    expect(await refused({ ...first, token: '' })).toMatch(/^The token/);
    expect(await refused({ ...first, streamUrl: first.streamUrl.replace(first.sessionId, 'alice-x') })).toMatch(/^The token/);
    const client = await connect(first);
    await client.shows(/^/);
    await expect.poll(() => shells.length).toBe(1);
    expect(await refused(first)).toMatch(/^The token/);
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    clock.advance(120_000);
    expect(await refused(second)).toMatch(/^The token/);
  });

  it('goes on with a new token for its owner and the account, and nobody else', async () => {
    const grant = await begin();
    const client = await connect(grant);
    await expect.poll(() => shells.length).toBe(1);
    const resume = (principal: Principal, id = grant.sessionId) => sessions.resume(PLACE, { principal, endpoint: endpoint() }, id);
    expect(await resume(user('mallory'))).toBeUndefined();
    expect(await resume(ALICE, 'alice-unknown')).toBeUndefined();
    expect(
      await sessions.resume({ ...PLACE, region: 'eu-west-1' }, { principal: ALICE, endpoint: endpoint() }, grant.sessionId),
    ).toBeUndefined();
    const again = (await resume(ALICE)) as SessionGrant;
    await client.reconnect({ url: again.streamUrl, token: again.token });
    client.type('on\r');
    await expect.poll(() => shells[0]!.told).toEqual(['on\r']);
    expect(await resume(ROOT)).toMatchObject({ sessionId: grant.sessionId });
    expect(await sessions.terminate(PLACE, 'alice-unknown')).toBe(false);
    expect(await sessions.terminate(PLACE, grant.sessionId)).toBe(true);
    await client.closed;
    expect(client.farewell).toBe('The session was terminated.');
    await commits.drained();
    expect(await resume(ALICE)).toBe('ended');
    expect(await list(false)).toMatchObject([{ details: 'The session was terminated.' }]);
  });

  it('ends with the server, and is known by the next to have ended', async () => {
    const grant = await begin();
    const client = await connect(grant);
    await expect.poll(() => shells.length).toBe(1);
    await begin();
    await listener.close(1_000);
    await client.closed;
    expect(client.farewell).toBe('The server is being stopped.');
    await commits.drained();
    // One that was killed could not write it down.
    await commits.commit([
      { statement: tables.sql.insert, params: [PLACE.account, PLACE.region, 'bob-1', 't', 'o', null, null, clock.now()] },
    ]);
    await sessions.recover();
    expect((await list(false)).find(({ sessionId }) => sessionId === 'bob-1')).toMatchObject({ details: 'The server was restarted.' });
    clock.advance(31 * 86_400_000);
    await sessions.recover();
    expect(await list(false)).toEqual([]);
  });
});

describe('the plane', () => {
  it('ends a channel for bytes that are no message, and serves the next', async () => {
    const client = await connect(await begin());
    client.socket.send(Buffer.from('garbage'));
    expect(await client.closed).toBe(1000);
    expect(client.farewell).toBe('A message has at least 120 bytes, this one has 7.');
    const large = await connect(await begin());
    large.socket.send(Buffer.alloc(100_000));
    expect(await large.closed).toBe(1009);
    const next = await connect(await begin());
    next.type('x');
    await expect.poll(() => shells.at(-1)?.told).toEqual(['x']);
  });

  it.each([
    ['bytes', (socket: WebSocket) => socket.send(Buffer.from('{"TokenValue":"x"}'))],
    ['text', (socket: WebSocket) => socket.send('hello')],
    ['another JSON', (socket: WebSocket) => socket.send('[1]')],
    ['a long text', (socket: WebSocket) => socket.send(JSON.stringify({ TokenValue: 'x'.repeat(20_000) }))],
  ])('sends away who begins with %s', async (_what, begins) => {
    const { streamUrl } = await begin();
    const socket = new WebSocket(streamUrl);
    socket.on('open', () => begins(socket));
    expect(await new Promise((resolve) => socket.on('close', resolve))).toBe(1008);
  });

  it('lets the server stop although a client does not answer', async () => {
    const client = await connect(await begin());
    await expect.poll(() => shells.length).toBe(1);
    client.socket.pause();
    await listener.close(60_000);
    client.socket.terminate();
  });

  it('refuses foreign hosts and pages of other sites', async () => {
    const grant = await begin();
    await expect(connect(grant, { headers: { origin: 'http://evil.example' } })).rejects.toThrow('403');
    await expect(connect(grant, { headers: { host: 'evil.example' } })).rejects.toThrow('403');
    const client = await connect(grant, { headers: { origin: endpoint() } });
    client.type('x');
    await expect.poll(() => shells[0]?.told).toEqual(['x']);
  });

  it('says what it is for to who comes without WebSocket', async () => {
    expect((await send({ port }, { path: '/_pipewright/data-channel/x' })).status).toBe(426);
  });
});
