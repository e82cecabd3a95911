import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { FRAME, FrameReader, jsonFrame } from '../../kernel/frames.ts';
import { serveSpawn, type ServedSpawn, type SpawnOrder } from './serve-spawn.ts';

export interface Control {
  /** The server tells where it is; answers what it shall know of us. */
  configure(settings: unknown): object;
  shutdown(): void;
  /** The last connection that configured us has ended: the server stopped or died. */
  abandoned(): void;
}

class Connection {
  readonly #socket: Socket;
  readonly #control: Control;
  #spawned: ServedSpawn | undefined;
  readonly #servers: Set<Socket>;

  constructor(socket: Socket, control: Control, servers: Set<Socket>) {
    this.#socket = socket;
    this.#control = control;
    this.#servers = servers;
    const reader = new FrameReader((kind, payload) => this.#frame(kind, payload));
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed());
  }

  #frame(kind: number, payload: Buffer): void {
    if (this.#spawned) return this.#spawned.frame(kind, payload);
    if (kind === FRAME.spawn) this.#spawned = serveSpawn(JSON.parse(payload.toString()) as SpawnOrder, this.#socket);
    else if (kind === FRAME.configure) this.#configure(JSON.parse(payload.toString()));
    else if (kind === FRAME.shutdown) this.#control.shutdown();
    else throw new RangeError(`unexpected frame ${kind}`);
  }

  #configure(settings: unknown): void {
    this.#servers.add(this.#socket);
    this.#socket.write(jsonFrame(FRAME.ready, this.#control.configure(settings)));
  }

  #closed(): void {
    this.#spawned?.disconnected();
    if (this.#servers.delete(this.#socket) && this.#servers.size === 0) this.#control.abandoned();
  }
}

/**
 * The runner's socket: one connection for each program the server wants started, and one that the server holds while it lives.
 * Only our own user may connect.
 */
export function listen(path: string, control: Control): Promise<Server> {
  rmSync(path, { force: true });
  const before = process.umask(0o177);
  // A new server may have connected before the old one's connection broke.
  const servers = new Set<Socket>();
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => void new Connection(socket, control, servers));
    server.once('error', reject);
    server.listen(path, () => {
      process.umask(before);
      chmodSync(path, 0o600);
      resolve(server);
    });
  });
}
