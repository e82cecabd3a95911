import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import type { ByteStream } from '../../ports/blobs.ts';
import { readPacket } from './pkt-line.ts';
import { Refusal } from './refusal.ts';

/** The request's bytes as git wrote them: git compresses what is longer than a kilobyte. */
export function decodedBody(request: IncomingMessage): ByteStream {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return request;
  if (encoding !== 'gzip' && encoding !== 'x-gzip') throw new Refusal(415, `Content-Encoding ${encoding} is not supported.`);
  const gunzip = createGunzip();
  request.once('error', (error) => gunzip.destroy(error));
  request.once('aborted', () => gunzip.destroy(new Error('the client went away')));
  return request.pipe(gunzip);
}

/** Breaks off with a Refusal where the limit is exceeded. */
export async function* limited(body: ByteStream, limit: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw new Refusal(413, 'The request is too large.');
    yield chunk;
  }
}

/**
 * A body that was cut off reads as if it ended there: git then finds its message incomplete, cleans up after itself and changes
 * nothing, where killing it would leave its half-received objects lying about.
 */
export async function* endingWithClient(body: ByteStream, onCut: (error: unknown) => void): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    onCut(error);
  }
}

/** The first line of a message, and the whole message again. */
export async function peekLine(body: ByteStream): Promise<{ readonly first: string | undefined; readonly body: ByteStream }> {
  const source = body[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  for (;;) {
    const found = readPacket(head, 0);
    if (found === 'invalid') throw new Refusal(400, 'The request is not in the format of git.');
    if (found !== 'more') {
      const first = found.packet.kind === 'line' ? found.packet.text : undefined;
      return { first, body: rejoined(head, source) };
    }
    const next = await source.next();
    if (next.done) return { first: undefined, body: rejoined(head, source) };
    head = Buffer.concat([head, next.value]);
  }
}

async function* rejoined(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  yield* { [Symbol.asyncIterator]: () => rest };
}
