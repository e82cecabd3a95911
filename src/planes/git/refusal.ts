import type { ServerResponse } from 'node:http';

/** Answers that git shows to its user as `remote: …`. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
  }
}

const CHALLENGE = { 'www-authenticate': 'Basic realm="git"' };

export function sendRefusal(response: ServerResponse, { status, message }: Refusal): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = Buffer.from(`${message}\n`);
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': body.byteLength,
    'cache-control': 'no-cache',
    ...(status === 401 && CHALLENGE),
  });
  response.end(body);
}
