import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Clock } from '../../kernel/clock.ts';
import { CLOSE, serveConnection } from './connection.ts';
import { encodeFrame } from './frame.ts';
import { channelClosed, MESSAGE } from './payloads.ts';
import { PREFIX, type Sessions } from './sessions.ts';

/** Of one message: what is typed or pasted at once comes in far smaller ones. */
const LARGEST_MESSAGE = 64 * 1024;
/** How long a client may take to answer that the server stops, ms. */
const GOODBYE_MS = 1_000;
/** Connections at a time, those that have shown no token yet among them. */
const MOST_CONNECTIONS = 1_000;
const REFUSED = 'The token opens no session here: it has been used, or its time is over.';

function sessionOf(request: IncomingMessage): string {
  const name = (request.url ?? '').slice(PREFIX.length).split('?', 1)[0]!;
  try {
    return decodeURIComponent(name);
  } catch {
    // No session is called so.
    return name;
  }
}

function refusal(sessionId: string, clock: Clock): Buffer {
  const [id, created] = [randomUUID(), clock.now()];
  const payload = Buffer.from(JSON.stringify(channelClosed({ sessionId, target: '', id, created, output: REFUSED })));
  return encodeFrame({ type: MESSAGE.closed, schemaVersion: 1, created, sequence: 0, flags: 0n, id, payloadType: 0, payload });
}

/**
 * The data channels of shell sessions: what AWS's session-manager-plugin connects to at the stream URL of a session.
 * A connection is nobody's until it shows a session's token.
 */
export function createSessionsPlane(sessions: Sessions, clock: Clock) {
  const server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE, perMessageDeflate: false });
  let closing = false;
  return {
    matches: (request: IncomingMessage): boolean => request.url?.startsWith(PREFIX) ?? false,
    async handle(_request: IncomingMessage, response: ServerResponse): Promise<void> {
      response.writeHead(426, { upgrade: 'websocket', 'content-length': 0, 'cache-control': 'no-store' }).end();
    },
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
      if (closing || server.clients.size >= MOST_CONNECTIONS) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
        return;
      }
      const sessionId = sessionOf(request);
      server.handleUpgrade(request, socket, head, (client) =>
        serveConnection(client, {
          open: (token) => sessions.open(sessionId, token),
          refusal: () => refusal(sessionId, clock),
        }),
      );
    },
    drain(): void {
      closing = true;
      sessions.stop();
      for (const client of server.clients) {
        client.close(CLOSE.goingAway, 'The server is being stopped.');
        setTimeout(() => client.terminate(), GOODBYE_MS).unref();
      }
    },
  };
}
