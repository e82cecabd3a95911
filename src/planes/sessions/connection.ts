import { WebSocket, type RawData } from 'ws';
import { isObject } from '../../kernel/json.ts';
import type { DataChannel, Wire } from './channel.ts';

/** How long a client may take to show its token, ms, and how long that text may be. */
const OPENING_MS = 10_000;
const LONGEST_OPENING = 16 * 1024;
/** How often it is asked whether a client is there, ms; one that has not answered by the next time is not. */
const PING_MS = 30_000;
/** What may wait in memory for a client that does not read. */
const MOST_UNSENT = 4 * 1024 * 1024;
/** RFC 6455, §7.4.1. */
export const CLOSE = { normal: 1000, goingAway: 1001, violation: 1008 } as const;

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/** The token of an OpenDataChannel message; undefined for texts that are none. */
export function tokenIn(bytes: Buffer): string | undefined {
  if (bytes.length > LONGEST_OPENING) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isObject(value) && typeof value.TokenValue === 'string' ? value.TokenValue : undefined;
  } catch {
    // Any text may come.
    return undefined;
  }
}

export interface ConnectionTools {
  /** The channel that the token opens, where it does. */
  readonly open: (token: string) => DataChannel | undefined;
  /** Why the client is sent away, in a message that it shows. */
  readonly refusal: () => Buffer;
}

/** Serves a client's connection: its first message is to hold a token, all others belong to the channel that this opens. */
export function serveConnection(socket: WebSocket, { open, refusal }: ConnectionTools): void {
  let channel: DataChannel | undefined;
  let answered = true;
  const wire: Wire = {
    send(bytes) {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (socket.bufferedAmount > MOST_UNSENT) return socket.terminate();
      socket.send(bytes);
    },
    close: (code, reason) => socket.close(code, reason),
  };
  const refuse = (): void => {
    wire.send(refusal());
    socket.close(CLOSE.violation, 'The token opens no session here.');
  };
  const late = setTimeout(refuse, OPENING_MS);
  const pings = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, PING_MS);
  socket.on('pong', () => (answered = true));
  // A broken connection is closed, which is heard of below.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    clearTimeout(late);
    clearInterval(pings);
    channel?.detach(wire);
  });
  socket.on('message', (data: RawData, binary: boolean) => {
    if (channel) return channel.receive(wire, bytesOf(data));
    clearTimeout(late);
    const token = binary ? undefined : tokenIn(bytesOf(data));
    channel = token === undefined ? undefined : open(token);
    if (channel) channel.attach(wire);
    else refuse();
  });
}
