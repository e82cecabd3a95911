import { request } from 'node:http';
import type { Agent, IncomingHttpHeaders } from 'node:http';
import { bytesOf } from './edge.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One request over its own connection, with exactly this path and these headers. */
export function send(
  edge: { readonly port: number },
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string | Uint8Array; agent?: Agent } = {},
): Promise<Answer> {
  const { method = 'GET', path = '/', headers = {}, body, agent = false } = options;
  return new Promise((resolve, reject) => {
    const sending = request({ host: '127.0.0.1', port: edge.port, method, path, headers, agent }, (response) => {
      bytesOf(response).then(
        (bytes) => resolve({ status: response.statusCode!, headers: response.headers, text: bytes.toString() }),
        reject,
      );
    });
    sending.on('error', reject);
    sending.end(body);
  });
}
