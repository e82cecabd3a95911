import type { IncomingMessage, ServerResponse } from 'node:http';

const PATH = '/_pipewright/badges';

/** The picture for a token and a branch, as SVG; undefined for a token that is none. */
export type FindBadge = (token: string, branch: string | null) => Promise<string | undefined>;

function answer(response: ServerResponse, status: number, svg: string): void {
  const body = Buffer.from(svg);
  response.writeHead(status, {
    'content-type': 'image/svg+xml; charset=utf-8',
    'content-length': body.byteLength,
    // Git hosts show badges through caches of theirs.
    'cache-control': 'no-cache, no-store, must-revalidate, max-age=0',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    'x-content-type-options': 'nosniff',
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** `GET /_pipewright/badges?uuid=TOKEN&branch=NAME`: how the newest build of a branch fares, for whoever knows the token. */
export function createBadgesPlane(find: FindBadge, unknown: string) {
  return {
    matches: (request: IncomingMessage): boolean => request.url?.split('?', 1)[0] === PATH,
    async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
      if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, unknown);
      const query = new URLSearchParams((request.url ?? '').slice(PATH.length));
      const token = query.get('uuid') ?? '';
      const found = /^[0-9a-f]{48}$/.test(token) ? await find(token, query.get('branch')) : undefined;
      answer(response, found === undefined ? 404 : 200, found ?? unknown);
    },
  };
}
