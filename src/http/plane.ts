import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** What serves on the port beside the AWS API: git, websites, credentials for containers. Asked in order; the first that matches serves. */
export interface Plane {
  matches(request: IncomingMessage): boolean;
  /** Served under any Host: its requests prove themselves, so that pages which lead a browser here gain nothing. */
  readonly anyHost?: boolean;
  /** Answers, errors included. A rejection is logged and answered 500. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Takes over a connection whose client asks for WebSocket, from the first byte behind its request on. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** The server is stopping: end what would not end by itself (streams). */
  drain?(): void;
}

/** Answers with a JSON object. */
export function sendJson(response: ServerResponse, status: number, value: object): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.byteLength, 'cache-control': 'no-store' });
  response.end(body);
}
