import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { isAllowedHost, isForeignOrigin } from './origin.ts';
import type { Plane } from './plane.ts';

interface Asked {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

interface Served {
  readonly planes: readonly Plane[];
  readonly hosts?: readonly string[];
}

const FORBIDDEN = 'HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';

/**
 * Clients that propose HTTP/2 or TLS on their connection (Java's HttpClient, Apache's) mean to be answered all the same where nobody
 * takes them up on it (RFC 9110, §7.8). Node hands such a request over with its body unread: it comes again, without the proposal.
 */
function asPlainRequest(server: Server, { request, socket, head }: Asked): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const [name, value] = [request.rawHeaders[at]!, request.rawHeaders[at + 1]!];
    if (!/^(upgrade|connection|http2-settings)$/i.test(name)) lines.push(`${name}: ${value}`);
  }
  if (/\bclose\b/i.test(request.headers.connection ?? '')) lines.push('Connection: close');
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

/** A request that asks to go on in another protocol: where a plane speaks WebSocket there it takes over, else it is a request like others. */
export function upgrade(server: Server, { planes, hosts = [] }: Served, asked: Asked): void {
  const { request, socket, head } = asked;
  const { host, origin } = request.headers;
  const plane = planes.find((candidate) => candidate.matches(request));
  if (!plane?.upgrade || request.headers.upgrade?.toLowerCase() !== 'websocket') return asPlainRequest(server, asked);
  // A client that breaks off is heard of by its closing.
  socket.on('error', () => undefined);
  // Browsers let pages of any site connect.
  if ((!plane.anyHost && !isAllowedHost(host, hosts)) || isForeignOrigin(origin, host)) return void socket.end(FORBIDDEN);
  plane.upgrade(request, socket, head);
}
