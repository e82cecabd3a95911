import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { messageOf } from '../../../kernel/errors.ts';
import { EngineRefusal, EngineUnreachable } from './errors.ts';

export interface Call {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Milliseconds without a byte after which the engine counts as gone; 0 for never. */
  readonly patienceMs?: number;
}

type Method = 'GET' | 'POST' | 'DELETE';

/** The newest version of the API that we speak, and the oldest that will do. Docker 29 answers from 1.44 on, Debian 12's Podman up to 1.41. */
const NEWEST = 44;
const OLDEST = 40;
const PATIENCE_MS = 60_000;
/** Of an answer that is read whole. */
const LARGEST = 16 * 1024 * 1024;

/**
 * The HTTP API of Docker and Podman, over the engine's unix socket: https://docs.docker.com/reference/api/engine/.
 * Every call rejects with EngineUnreachable or EngineRefusal, and nothing else save an abort.
 */
export class EngineClient {
  readonly socketPath: string;
  #version = '';

  constructor(socketPath: string) {
    this.socketPath = socketPath;
  }

  /** Agrees on a version of the API. Rejects where nobody answers, or somebody too old. */
  async negotiate(): Promise<void> {
    const { ApiVersion = '' } = await this.json<{ ApiVersion?: string }>('GET', '/version', { patienceMs: 5_000 });
    const minor = Number(/^1\.(\d+)$/.exec(ApiVersion)?.[1]);
    if (!(minor >= OLDEST))
      throw new EngineUnreachable(`the engine at ${this.socketPath} speaks version ${ApiVersion || '?'} of the API; 1.${OLDEST} is needed`);
    this.#version = `/v1.${Math.min(minor, NEWEST)}`;
  }

  /** Rejects where the engine does not answer; much faster than asking for its version, for which Podman starts programs. */
  async ping(): Promise<void> {
    await this.#whole(await this.#answered('GET', '/_ping', { patienceMs: 5_000 }));
  }

  /** The answer's JSON; undefined for an empty one. */
  async json<T>(method: Method, path: string, call: Call = {}): Promise<T> {
    const answer = await this.#answered(method, path, call);
    const text = (await this.#whole(answer)).toString();
    try {
      return (text === '' ? undefined : JSON.parse(text)) as T;
    } catch (error) {
      throw new EngineUnreachable(`the engine's answer to ${method} ${path} is not JSON`, { cause: error });
    }
  }

  /** The lines of JSON of an answer that comes bit by bit. */
  async *lines(method: Method, path: string, call: Call = {}): AsyncGenerator<Readonly<Record<string, unknown>>> {
    const answer = await this.#answered(method, path, { patienceMs: 0, ...call });
    let text = '';
    try {
      for await (const chunk of answer) {
        text += String(chunk);
        const lines = text.split('\n');
        text = lines.pop()!;
        for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as Readonly<Record<string, unknown>>;
      }
    } catch (error) {
      throw call.signal?.aborted ? error : new EngineUnreachable(`the engine broke off: ${messageOf(error)}`, { cause: error });
    }
    if (text.trim() !== '') yield JSON.parse(text) as Readonly<Record<string, unknown>>;
  }

  /** A connection taken over from HTTP: what a container reads and writes. `head`: bytes that came with the answer. */
  async hijack(path: string, signal?: AbortSignal, body?: object): Promise<{ readonly socket: Socket; readonly head: Buffer }> {
    const text = body && JSON.stringify(body);
    const type = text !== undefined && { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(text)) };
    const started = this.#start('POST', path, { ...(signal && { signal }), headers: { ...type, Connection: 'Upgrade', Upgrade: 'tcp' } });
    return new Promise((resolve, reject) => {
      started.once('upgrade', (_answer, socket: Socket, head) => {
        socket.setTimeout(0);
        resolve({ socket, head });
      });
      started.once('response', (answer) => {
        this.#refusal(answer, 'POST', path).then(reject, reject);
      });
      started.once('error', (error) => reject(this.#unreachable(error, signal)));
      started.end(text);
    });
  }

  #start(method: Method, path: string, { headers, signal, patienceMs = PATIENCE_MS }: Call): ClientRequest {
    const options = { socketPath: this.socketPath, method, path: `${this.#version}${path}`, headers: { Host: 'engine', ...headers } };
    // A connection of its own each: one that was kept may belong to an engine that has been restarted since.
    const started = request({ ...options, agent: false, ...(signal && { signal }) });
    if (patienceMs > 0)
      started.setTimeout(patienceMs, () => started.destroy(new Error(`no answer to ${method} ${path} for ${patienceMs} ms`)));
    return started;
  }

  #answered(method: Method, path: string, call: Call): Promise<IncomingMessage> {
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const type = body !== undefined && { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) };
    const started = this.#start(method, path, { ...call, headers: { ...type, ...call.headers } });
    return new Promise((resolve, reject) => {
      started.once('error', (error) => reject(this.#unreachable(error, call.signal)));
      started.once('response', (answer) => {
        if (answer.statusCode! < 400) return resolve(answer);
        this.#refusal(answer, method, path).then(reject, reject);
      });
      started.end(body);
    });
  }

  async #refusal(answer: IncomingMessage, method: Method, path: string): Promise<EngineRefusal> {
    const text = (await this.#whole(answer)).toString().trim();
    let message = text;
    try {
      message = (JSON.parse(text) as { message?: string }).message ?? text;
    } catch {
      // Proxies before an engine answer in plain text: that is the message then.
    }
    return new EngineRefusal(answer.statusCode!, message || `${method} ${path} answered ${answer.statusCode}`);
  }

  async #whole(answer: IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        chunks.push(chunk);
        size += chunk.length;
        if (size > LARGEST) throw new Error(`an answer of more than ${LARGEST} bytes`);
      }
    } catch (error) {
      throw this.#unreachable(error, undefined);
    }
    return Buffer.concat(chunks);
  }

  #unreachable(error: unknown, signal: AbortSignal | undefined): Error {
    if (signal?.aborted) return error as Error;
    return new EngineUnreachable(`the container engine at ${this.socketPath} does not answer: ${messageOf(error)}`, { cause: error });
  }
}
