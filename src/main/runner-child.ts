import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { FRAME, FrameReader, jsonFrame } from '../kernel/frames.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { RunnerSettings } from '../runner/settings.ts';

export interface RunnerChildOptions {
  /** `work` in the data folder. */
  readonly folder: string;
  /** The runner's program. */
  readonly program: string;
  readonly log: Logger;
}

/** The kernel's limit on socket paths, less some. */
const LONGEST_PATH = 100;
const RESTART_MS = 200;
/** What the runner sees of our environment: where programs, temporary files and the container engine are, and the logins at registries. */
const INHERITED = ['PATH', 'TMPDIR', 'HOME', 'DOCKER_HOST', 'DOCKER_CONFIG', 'XDG_RUNTIME_DIR', 'PIPEWRIGHT_TEST_GIT_PROTOCOLS'];

/** A socket path that every server on this folder finds again; in a folder of our own under the temporary one where the data folder's path is too long. */
export function socketPath(folder: string): string {
  const near = join(folder, 'runner.sock');
  if (Buffer.byteLength(near) < LONGEST_PATH) return near;
  const place = join(tmpdir(), `pipewright-${userInfo().uid}-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  return join(place, 'runner.sock');
}

function dial(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Keeps one runner child: starts it, tells it where the server is, starts it again when it dies, takes over one that outlived an earlier server. */
export class RunnerChild {
  readonly #options: RunnerChildOptions;
  readonly #socket: string;
  #child: ChildProcess | undefined;
  #control: Socket | undefined;
  #settings: RunnerSettings | undefined;
  #stopped = false;
  #listening: Promise<string>;

  constructor(options: RunnerChildOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    this.#socket = socketPath(options.folder);
    this.#listening = this.#begin();
    this.#listening.catch(() => undefined);
  }

  /** For the spawner: the socket's path once somebody listens there. */
  path = (): Promise<string> => this.#listening;

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Lets the runner work for us; again when the credentials are new. */
  async configure(settings: RunnerSettings): Promise<void> {
    this.#settings = settings;
    await this.#listening;
    await this.#configure();
  }

  /** Ends the runner with all its builds. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const child = this.#child;
    const gone =
      child && child.exitCode === null && child.signalCode === null ? new Promise((resolve) => child.once('exit', resolve)) : undefined;
    const control = this.#control ?? (await dial(this.#socket).catch(() => undefined));
    const closed = control && new Promise((resolve) => control.once('close', resolve));
    control?.write(jsonFrame(FRAME.shutdown, {}));
    await Promise.all([gone, closed]);
  }

  async #begin(): Promise<string> {
    // An earlier server may have died and left its runner with builds under way.
    const left = await dial(this.#socket).catch(() => undefined);
    if (left) this.#watch(left);
    else await this.#start();
    return this.#socket;
  }

  #start(): Promise<void> {
    const { folder, program, log } = this.#options;
    // Small young generation: the runner holds little, and every megabyte makes its forks dearer.
    const args = ['--max-semi-space-size=1', program, this.#socket, folder];
    const env = Object.fromEntries(INHERITED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
    const child = (this.#child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'], detached: true }));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.stdout.once('data', () => resolve());
      child.once('exit', (code, signal) => {
        if (this.#stopped) return;
        log.error('the runner ended; starting it again', { code, signal });
        reject(new Error('the runner ended'));
        this.#again();
      });
    });
  }

  #again(): void {
    this.#control?.destroy();
    this.#control = undefined;
    this.#listening = new Promise<void>((resolve) => setTimeout(resolve, RESTART_MS)).then(() => this.#begin());
    this.#listening.then(
      () => this.#configure(),
      (error: unknown) => this.#options.log.error('the runner cannot be started', { error: messageOf(error) }),
    );
  }

  async #configure(): Promise<void> {
    if (!this.#settings || this.#stopped) return;
    const previous = this.#control;
    const control = this.#child || !previous ? await dial(this.#socket) : previous;
    this.#control = control;
    this.#watch(control);
    control.write(jsonFrame(FRAME.configure, this.#settings));
    if (previous && previous !== control) previous.end();
  }

  /** A runner that is not our child tells its end by its connection alone. */
  #watch(control: Socket): void {
    this.#control = control;
    const reader = new FrameReader(() => undefined);
    control.removeAllListeners('data').on('data', (chunk: Buffer) => reader.push(chunk));
    control.removeAllListeners('error').on('error', () => control.destroy());
    control.removeAllListeners('close').on('close', () => {
      if (this.#control !== control || this.#stopped || this.#child) return;
      this.#options.log.error('the runner of an earlier server ended; starting one');
      this.#again();
    });
  }
}
