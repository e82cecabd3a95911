/**
 * Frames on the socket between the server and its runner child: a byte for the kind, four for the length, the payload.
 * JSON payloads for the small ones, raw bytes for the streams.
 */
export const FRAME = {
  /** JSON {command, args, env, cwd}: start this. */
  spawn: 1,
  stdin: 2,
  stdinEnd: 3,
  stdout: 4,
  stderr: 5,
  /** JSON {code, signal}: it has ended, and its outputs were sent. */
  exit: 6,
  /** JSON {message}: it could not be started. */
  failed: 7,
  /** JSON: where the server is and how the runner speaks to it. */
  configure: 8,
  /** JSON {runnerId, pid}: the answer to `configure`. */
  ready: 9,
  /** End everything and exit. */
  shutdown: 10,
} as const;

export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

const HEADER = 5;
/** Larger frames are nobody's: the stream is out of step. */
const LARGEST = 16 * 1024 * 1024;

export function frameHeader(kind: FrameKind, length: number): Buffer {
  const header = Buffer.allocUnsafe(HEADER);
  header.writeUInt8(kind, 0);
  header.writeUInt32BE(length, 1);
  return header;
}

export function jsonFrame(kind: FrameKind, value: object): Buffer {
  const payload = Buffer.from(JSON.stringify(value));
  return Buffer.concat([frameHeader(kind, payload.length), payload]);
}

/** Cuts a byte stream into frames; throws where it is none. */
export class FrameReader {
  readonly #onFrame: (kind: number, payload: Buffer) => void;
  #rest: Buffer = Buffer.alloc(0);

  constructor(onFrame: (kind: number, payload: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (data.length >= HEADER) {
      const length = data.readUInt32BE(1);
      if (length > LARGEST) throw new RangeError(`frame of ${length} bytes`);
      if (data.length < HEADER + length) break;
      this.#onFrame(data.readUInt8(0), data.subarray(HEADER, HEADER + length));
      data = data.subarray(HEADER + length);
    }
    this.#rest = data;
  }
}
