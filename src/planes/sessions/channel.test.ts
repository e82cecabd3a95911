import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../kernel/clock.ts';
import { countingIds } from '../../kernel/ids.ts';
import { DataChannel } from './channel.ts';
import { MESSAGE, PAYLOAD } from './payloads.ts';
import { MemoryClient } from './testing/client.ts';
import { MemoryShell } from './testing/shell.ts';

let clock: ManualClock;
let shell: MemoryShell;
let opened: string[];
let ended: (string | undefined)[];
let channel: DataChannel;
let client: MemoryClient;

beforeEach(() => {
  clock = new ManualClock();
  shell = new MemoryShell();
  opened = [];
  ended = [];
  const ids = countingIds();
  const host = {
    open(columns: number, rows: number) {
      opened.push(`${columns}x${rows}`);
      return shell;
    },
  };
  channel = new DataChannel({
    sessionId: 'alice-1',
    target: 'pipewright:p:1',
    host,
    clock,
    newId: () => ids.uuid(),
    ended: (reason) => void ended.push(reason),
  });
  client = new MemoryClient(channel).connect();
});

/** What is under way in memory has been done. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function open(): void {
  client.shakeHands();
  client.size(100, 30);
}

function pass(ms: number): void {
  clock.advance(ms);
  channel.tick();
}

describe('a data channel', () => {
  it('shakes hands, opens the terminal in its size, and carries both ways', async () => {
    expect(client.heard.map(({ type }) => type)).toEqual([MESSAGE.start, MESSAGE.output]);
    expect(JSON.parse(client.payloads(PAYLOAD.handshakeRequest)[0]!)).toMatchObject({
      RequestedClientActions: [{ ActionType: 'SessionType', ActionParameters: { SessionType: 'Standard_Stream' } }],
    });
    clock.advance(40);
    client.shakeHands();
    expect(JSON.parse(client.payloads(PAYLOAD.handshakeComplete)[0]!)).toEqual({
      HandshakeTimeToComplete: 40_000_000,
      CustomerMessage: '',
    });
    expect(opened).toEqual([]);
    client.size(100, 30);
    expect(opened).toEqual(['100x30']);
    client.say(PAYLOAD.data, 'ls\r');
    client.size(120, 40);
    expect(shell.told).toEqual(['ls\r', '120x40']);
    expect(client.acknowledged()).toEqual([0, 1, 2, 3]);
    shell.puts('a file\r\n');
    await vi.waitFor(() => expect(client.payloads(PAYLOAD.data)).toEqual(['a file\r\n']));
  });

  it('ends with what the client could not do', () => {
    client.shakeHands(2);
    expect(client.farewell).toBe('The client could not do SessionType, which the session needs.');
    expect(ended).toEqual([client.farewell]);
  });

  it('takes clients that know of no handshake, by what they say or in time', () => {
    client.size(100, 30);
    expect(opened).toEqual(['100x30']);
  });

  it('opens the terminal after a while for a client that says nothing', () => {
    pass(15_000);
    expect(opened).toEqual([]);
    pass(500);
    expect(opened).toEqual(['80x24']);
  });

  it('opens the terminal for one who types before it tells its size', () => {
    client.shakeHands();
    client.say(PAYLOAD.data, 'x');
    expect([opened, shell.told]).toEqual([['80x24'], ['x']]);
  });

  it('hears of what is typed in order and once', () => {
    open();
    client.tell(MESSAGE.input, PAYLOAD.data, 'second', 3);
    expect(shell.told).toEqual([]);
    for (let times = 0; times < 2; times++) client.tell(MESSAGE.input, PAYLOAD.data, 'first', 2);
    expect(shell.told).toEqual(['first', 'second']);
    expect(client.acknowledged()).toEqual([0, 1, 3, 2, 2]);
  });

  it('lets messages that the shell has no room for come again', () => {
    open();
    shell.hasRoom = false;
    client.tell(MESSAGE.input, PAYLOAD.data, 'more', 2);
    expect([shell.told, client.acknowledged()]).toEqual([[], [0, 1]]);
    shell.hasRoom = true;
    client.tell(MESSAGE.input, PAYLOAD.data, 'more', 2);
    expect([shell.told, client.acknowledged()]).toEqual([['more'], [0, 1, 2]]);
  });

  it('waits with what it sends where the client asks it to', async () => {
    open();
    client.tell(MESSAGE.pause, 0, '');
    shell.puts('later');
    await settled();
    pass(5_000);
    expect(client.payloads(PAYLOAD.data)).toEqual([]);
    client.tell(MESSAGE.start, 0, '');
    expect(client.payloads(PAYLOAD.data)).toEqual(['later']);
  });

  it('sends no more than a client acknowledges', async () => {
    open();
    for (let i = 0; i < 100; i++) shell.puts(`${i}\n`);
    await settled();
    const before = client.payloads(PAYLOAD.data).length;
    expect(before).toBeLessThan(100);
    client.acknowledge();
    await vi.waitFor(() => expect(client.payloads(PAYLOAD.data).join('')).toContain('99\n'));
  });

  it('ends with the shell, after its last words', async () => {
    open();
    shell.puts('bye\r\n');
    shell.ends();
    await vi.waitFor(() => expect(client.payloads(PAYLOAD.data)).toEqual(['bye\r\n']));
    await vi.waitFor(() => expect(shell.told).toEqual(['close']));
    expect(client.farewell).toBeUndefined();
    client.acknowledge();
    expect([client.farewell, client.closed, ended]).toEqual(['', 'The session has ended.', [undefined]]);
  });

  it('does not wait for long for a client to take the last words', async () => {
    open();
    shell.ends('What the shell ran in has ended.');
    await vi.waitFor(() => expect(shell.told).toEqual(['close']));
    pass(1_000);
    expect(ended).toEqual([]);
    pass(1_000);
    expect(client.farewell).toBe('What the shell ran in has ended.');
  });

  it('goes on where it was for a client that comes back', async () => {
    open();
    client.acknowledge();
    channel.detach(client);
    expect(channel.isConnected).toBe(false);
    shell.puts('meanwhile');
    await settled();
    pass(60_000);
    const again = new MemoryClient(channel, client).connect();
    expect(again.payloads(PAYLOAD.data)).toEqual(['meanwhile']);
    expect(again.payloads(PAYLOAD.handshakeRequest)).toEqual([]);
    again.say(PAYLOAD.data, 'on');
    expect(shell.told).toEqual(['on']);
    // The old connection is nobody's any more.
    client.say(PAYLOAD.data, 'ghost');
    expect(shell.told).toEqual(['on']);
  });

  it('makes way for a second connection of its client', () => {
    open();
    new MemoryClient(channel, client).connect();
    expect(client.closed).toBe('The session goes on in another connection.');
    expect(channel.isConnected).toBe(true);
  });

  it('ends where the client stays away', () => {
    open();
    channel.detach(client);
    pass(119_000);
    expect(ended).toEqual([]);
    pass(1_000);
    expect([ended, shell.told]).toEqual([['The client did not come back.'], ['close']]);
  });

  it.each([
    ['a flag that says so', () => client.say(PAYLOAD.flag, '\0\0\0\x02')],
    ['the client closing the channel', () => client.tell(MESSAGE.closed, 0, '{}')],
  ])('ends by %s', (_what, say) => {
    open();
    say();
    expect([ended, shell.told]).toEqual([[undefined], ['close']]);
  });

  it.each([
    ['bytes that are no message', () => client.garbage(Buffer.from('GET / HTTP/1.1')), /at least 120 bytes, this one has 14/],
    ['an acknowledgement of nothing', () => client.tell(MESSAGE.acknowledge, 0, '{}'), /names no message/],
    ['a payload that is no JSON', () => client.say(PAYLOAD.size, '{'), /of type input_stream_data is no JSON object/],
    ['a size that is none', () => client.say(PAYLOAD.size, { cols: 'wide' }), /size is given as cols and rows/],
    ['a flag of another length', () => client.say(PAYLOAD.flag, 'x'), /flag has four bytes/],
  ])('ends with the reason for %s', (_what, say, reason) => {
    open();
    say();
    expect(client.farewell).toMatch(reason);
    expect([ended, shell.told]).toEqual([[client.farewell], ['close']]);
  });

  it('passes over what it does not know', () => {
    open();
    client.tell('agent_session_state', 0, 'anything');
    client.say(99, 'anything');
    client.say(PAYLOAD.data, 'x');
    expect([ended, shell.told]).toEqual([[], ['x']]);
  });

  it('keeps a terminal to a size that there can be', () => {
    client.shakeHands();
    client.size(0, 1e9);
    expect(opened).toEqual(['1x10000']);
  });

  it('says why there is no shell', () => {
    const failing = new DataChannel({
      sessionId: 's',
      target: 't',
      host: {
        open() {
          throw new Error('The build has too many debug sessions.');
        },
      },
      clock,
      newId: () => '00000000-0000-4000-8000-000000000001',
      ended: (reason) => void ended.push(reason),
    });
    const another = new MemoryClient(failing).connect();
    another.size(80, 24);
    expect(another.farewell).toBe('The build has too many debug sessions.');
  });
});
