import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { PipewrightError } from '../../kernel/errors.ts';
import type { Runtime, Workload, WorkloadExit, WorkloadSpec, Workspace } from '../runtime.ts';
import { foldersOf, makeFolders, removeTree } from '../workspace.ts';
import { OutputPipes } from './output-pipe.ts';
import { pidsWithEnvironment, signalPid, startOf } from './process-table.ts';

/** Names the workspace in the environment of all that belongs to it: how escaped processes are found. */
const MARK = 'PIPEWRIGHT_WORKSPACE';
const PATH = process.env['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const BASH = ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash', '/opt/homebrew/bin/bash'].some((path) => existsSync(path));

interface Seen {
  readonly pid: number;
  readonly start: string | undefined;
}

/**
 * Runs user code as processes of our own user: own folder, own process group and session, an environment that holds nothing of ours.
 * It is no sandbox: such code can read what our user can read (DESIGN §8).
 */
export class ProcessRuntime implements Runtime {
  readonly name = 'process';
  readonly #folder: string;
  readonly #records: string;
  readonly #pipes: OutputPipes;

  constructor(folder: string) {
    this.#folder = join(folder, 'builds');
    this.#records = join(folder, 'processes');
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    mkdirSync(this.#records, { recursive: true, mode: 0o700 });
    this.#pipes = new OutputPipes(this.#records);
  }

  /** Makes ahead what a start needs. */
  warm(): Promise<void> {
    return this.#pipes.fill();
  }

  async prepare(id: string): Promise<Workspace> {
    return { ...(await makeFolders(this.#folder, id)), bash: BASH };
  }

  async start(spec: WorkloadSpec): Promise<Workload> {
    const { root, source, home, temporary } = foldersOf(this.#folder, spec.id);
    const pipe = await this.#pipes.take();
    const env = { PATH, HOME: home, TMPDIR: temporary, LANG: 'C.UTF-8', ...spec.env, [MARK]: root };
    pipe.read((chunk) => spec.onOutput(chunk));
    const child = spawn(spec.command, [...spec.args], {
      env,
      // The folder in which a shell ended may be gone.
      cwd: existsSync(spec.cwd) ? spec.cwd : source,
      detached: true,
      stdio: ['ignore', pipe.writeEnd, pipe.writeEnd, 'pipe'],
    });
    pipe.started();
    if (child.pid !== undefined) this.#record(spec.id, child.pid);
    const exit = ended(child).finally(() => pipe.close());
    // Whoever waits sees the rejection; nobody waiting must not end the runner.
    exit.catch(() => undefined);
    const control = child.stdio[3] as Duplex;
    control.on('error', () => undefined);
    return {
      id: spec.id,
      control,
      exit,
      stop: (graceMs) => this.#stop(child, root, exit, graceMs),
    };
  }

  async destroy(id: string): Promise<void> {
    const { root } = foldersOf(this.#folder, id);
    await this.#endLeft(root);
    await removeTree(root);
    for (const name of this.#recordsOf(id)) rmSync(join(this.#records, name), { force: true });
  }

  async sweep(): Promise<readonly string[]> {
    const found = new Set(readdirSync(this.#folder));
    for (const name of readdirSync(this.#records)) {
      const seen = name.endsWith('.json') ? this.#read(name) : undefined;
      if (seen && seen.start !== undefined && (await startOf(seen.pid)) === seen.start) signalPid(-seen.pid, 'SIGKILL');
      if (seen) found.add(name.slice(0, name.lastIndexOf('@')));
      rmSync(join(this.#records, name), { force: true });
    }
    for (const pid of pidsWithEnvironment(`${MARK}=${this.#folder}/`)) signalPid(pid, 'SIGKILL');
    for (const id of found) await this.destroy(id);
    return [...found];
  }

  #record(id: string, pid: number): void {
    void startOf(pid).then((start) => {
      if (start !== undefined) writeFileSync(join(this.#records, `${id}@${pid}.json`), JSON.stringify({ pid, start } satisfies Seen));
    });
  }

  #read(name: string): Seen | undefined {
    try {
      return JSON.parse(readFileSync(join(this.#records, name), 'utf8')) as Seen;
    } catch {
      // Torn by the crash we recover from: the mark in the environment still finds the processes.
      return undefined;
    }
  }

  #recordsOf(id: string): readonly string[] {
    return readdirSync(this.#records).filter((name) => name.startsWith(`${id}@`));
  }

  async #stop(child: ChildProcess, root: string, exit: Promise<WorkloadExit>, graceMs: number): Promise<void> {
    if (child.pid === undefined) return;
    signalPid(-child.pid, 'SIGTERM');
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([exit.catch(() => undefined), new Promise((resolve) => (timer = setTimeout(resolve, graceMs)))]);
    clearTimeout(timer);
    signalPid(-child.pid, 'SIGKILL');
    await this.#endLeft(root);
    await exit.catch(() => undefined);
  }

  /** Ends what carries the mark until nothing does: a process may fork while we look. */
  async #endLeft(root: string): Promise<void> {
    for (let round = 0; round < 50; round++) {
      const left = pidsWithEnvironment(`${MARK}=${root}`);
      if (left.length === 0) return;
      for (const pid of left) signalPid(pid, 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, round));
    }
  }
}

/** The exit, once the output that was written before it has been read. */
function ended(child: ChildProcess): Promise<WorkloadExit> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new PipewrightError('SpawnFailed', error.message, { cause: error })));
    // What the pipe holds at the exit is read in the same turn of the loop, or the next.
    child.once('exit', (code, signal) => setImmediate(() => setImmediate(() => resolve({ code, signal }))));
  });
}
