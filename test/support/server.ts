import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WakeUps } from '../../src/cli/wake-ups.ts';
import { createClient } from '../../src/client/client.ts';
import { FRAME, jsonFrame } from '../../src/kernel/frames.ts';
import { socketPath } from '../../src/main/runner-child.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/pipewright.js');
/** A look that is never rewarded is given up after this. */
const PATIENCE_MS = 40_000;
/** Longest pause between two looks: a wake-up may be lost with the server that sent it. */
const LOOK_MS = 500;

export interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One run of the program, as a process of its own. */
export class ProgramRun {
  readonly child: ChildProcess;
  /** A runner that outlives its server keeps the server's stderr open: the exit says nothing of what is still to be read. */
  readonly exit: Promise<Exit>;
  /** The exit, once all that was printed has been read. */
  readonly closed: Promise<Exit>;
  stdout = '';
  stderr = '';
  #heard: (() => void)[] = [];

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}, stdin: 'ignore' | 'pipe' = 'ignore') {
    const clean = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...env };
    this.child = spawn(process.execPath, [PROGRAM, ...args], { env: clean, stdio: [stdin, 'pipe', 'pipe'] });
    this.child.stdout!.on('data', (chunk: Buffer) => this.#hear('stdout', chunk));
    this.child.stderr!.on('data', (chunk: Buffer) => this.#hear('stderr', chunk));
    const event = (name: 'exit' | 'close') =>
      new Promise<Exit>((resolve) => this.child.once(name, (code, signal) => resolve({ code, signal })));
    this.exit = event('exit');
    this.closed = event('close');
  }

  get over(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** The first match in what it prints; rejects where it ends without. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    let ended = false;
    const over = this.closed.then(() => (ended = true));
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match) return match;
      if (ended) throw new Error(`it ended without printing ${pattern.source}:\n${this.stdout}${this.stderr}`);
      await Promise.race([over, new Promise<void>((resolve) => this.#heard.push(resolve))]);
    }
  }

  async kill(signal: NodeJS.Signals): Promise<Exit> {
    this.child.kill(signal);
    return this.exit;
  }

  #hear(where: 'stdout' | 'stderr', chunk: Buffer): void {
    this[where] += chunk.toString();
    this.#ring();
  }

  #ring(): void {
    for (const heard of this.#heard.splice(0)) heard();
  }
}

/** Runs the program to its end. A non-zero exit is a result, not a rejection. */
export async function pipewright(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const run = new ProgramRun(args, env);
  const { code } = await run.closed;
  return { code, stdout: run.stdout, stderr: run.stderr };
}

/** Ends the runner that a killed server left; resolves when nobody listens on its socket. */
function endRunner(data: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(socketPath(join(data, 'work')));
    socket.on('connect', () => socket.write(jsonFrame(FRAME.shutdown, {})));
    socket.on('error', () => resolve()).on('close', () => resolve());
    socket.resume();
  });
}

export interface StartOptions {
  /** More flags of `up`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The real program, `pipewright up`, on a folder and a port of its own. `end` leaves nothing of it behind, whatever has happened. */
export class StartedServer {
  readonly data = mkdtempSync(join(tmpdir(), 'pipewright-up-'));
  readonly #options: StartOptions;
  #run!: ProgramRun;
  endpoint = '';
  key!: Key;

  private constructor(options: StartOptions) {
    this.#options = options;
  }

  static async start(options: StartOptions = {}): Promise<StartedServer> {
    const server = new StartedServer(options);
    try {
      await server.#up();
      return server;
    } catch (error) {
      await server.end();
      throw error;
    }
  }

  get pid(): number {
    return this.#run.child.pid!;
  }

  get port(): number {
    return Number(new URL(this.endpoint).port);
  }

  /** What it has logged. */
  get log(): string {
    return this.#run.stderr;
  }

  /** For programs that read AWS's variables. */
  get env(): Record<string, string> {
    const { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY } = this.key;
    return {
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_ACCESS_KEY_ID,
      AWS_SECRET_ACCESS_KEY,
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
    };
  }

  /** kill -9 of the server alone; its runner lives on. */
  async kill9(): Promise<void> {
    await this.#run.kill('SIGKILL');
  }

  /** SIGTERM; resolves with how it ended. */
  stop(): Promise<Exit> {
    return this.#run.kill('SIGTERM');
  }

  /** Resolves when it ends by itself, or somebody else ends it. */
  ended(): Promise<Exit> {
    return this.#run.exit;
  }

  /** Up again on the same folder and port; ends what still runs in order first. */
  async restart(): Promise<void> {
    if (!this.#run.over) await this.stop();
    await this.#up();
  }

  async end(): Promise<void> {
    if (this.#run && !this.#run.over) await this.#run.kill('SIGKILL');
    await endRunner(this.data);
    rmSync(this.data, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }

  /**
   * What `look` finds once it finds something: it is asked again after each event of the server. A look that rejects is passed on.
   */
  async until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
    const client = createClient({ endpoint: this.endpoint, region: 'us-east-1', credentials: this.key });
    const wakeUps = new WakeUps(client);
    try {
      for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await wakeUps.next(LOOK_MS)) {
        const found = await look();
        if (found !== undefined && found !== false) return found;
      }
      throw new Error(`${what}: not within ${PATIENCE_MS} ms. The server's log ends:\n${this.log.slice(-2_000)}`);
    } finally {
      wakeUps.close();
      client.close();
    }
  }

  async #up(): Promise<void> {
    const { args = [], env } = this.#options;
    const port = this.endpoint === '' ? 0 : this.port;
    this.#run = new ProgramRun(['up', '--port', String(port), '--data', this.data, ...args], env);
    this.endpoint = (await this.#run.prints(/^Pipewright ready: (http:\/\/\S+)$/m))[1]!;
    const file = join(this.data, 'root-key.json');
    if (existsSync(file)) this.key = JSON.parse(readFileSync(file, 'utf8')) as Key;
  }
}
