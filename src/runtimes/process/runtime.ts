import { execFile, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import { PipewrightError } from '../../kernel/errors.ts';
import type { Place, Runtime, Workload, WorkloadExit, WorkloadSpec, Workspace } from '../runtime.ts';
import { foldersOf, leftScratch, removeTree, type Folders } from '../workspace.ts';
import type { Account } from './isolation/account.ts';
import { detectIsolation, type Detected } from './isolation/detect.ts';
import type { BuildRoom } from './isolation/rooms.ts';
import { engineSocket } from './isolation/socket.ts';
import { giveOutput, launchInRoom, launchOnHost, type Launch } from './launch.ts';
import { locateInRoom, locateOnHost } from './locate.ts';
import { OutputPipes } from './output-pipe.ts';
import { Places, type HostPlace } from './places.ts';
import { pidsOfGroup, pidsWithEnvironment, signalPid, startOf } from './process-table.ts';
import { homeOf, userNamed } from './users.ts';

const run = promisify(execFile);

/** Names the workspace in the environment of all that belongs to it: how escaped processes are found. */
const MARK = 'PIPEWRIGHT_WORKSPACE';
const mark = (root: string): Readonly<Record<string, string>> => ({ [MARK]: root });
const PATH = process.env['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const BASH = ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash', '/opt/homebrew/bin/bash'].some((path) => existsSync(path));

interface Seen {
  readonly pid: number;
  readonly start: string | undefined;
}

/** auto: where the machine allows it; required: no build without it. */
export type IsolationMode = 'auto' | 'off' | 'required';

export interface ProcessOptions {
  readonly isolation: IsolationMode;
  /** Folders that no build may see, beside the one for workspaces. */
  readonly own: readonly string[];
  /** Where programs are found. */
  readonly path: string;
}

/**
 * Runs user code as processes with a folder, a process group and a session of their own, and an environment that holds nothing of ours;
 * where the machine allows it, in a room of their own (isolation/), else as our user, who can read what we can (DESIGN §8).
 */
export class ProcessRuntime implements Runtime {
  readonly name = 'process';
  readonly #folder: string;
  readonly #records: string;
  readonly #pipes: OutputPipes;
  readonly #places: Places;
  /** What was started for each workload and has not ended. */
  readonly #running = new Map<string, Set<ChildProcess>>();
  readonly #options: ProcessOptions;
  #mode: IsolationMode;
  #keepsAhead = false;
  #detected: Promise<Detected> | undefined;

  constructor(folder: string, options: Partial<ProcessOptions> = {}) {
    this.#options = { isolation: 'off', own: [], path: PATH, ...options };
    this.#mode = this.#options.isolation;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Mounts are made where links lead.
    const real = realpathSync(folder);
    this.#folder = join(real, 'builds');
    this.#records = join(real, 'processes');
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    mkdirSync(this.#records, { recursive: true, mode: 0o700 });
    this.#pipes = new OutputPipes(this.#records);
    this.#places = new Places(this.#folder, (place) => this.#remove(place));
  }

  /** Begins to find out how builds can be isolated, and makes the first one's room; not before `sweep`. */
  configure(isolation: IsolationMode): void {
    this.#mode = isolation;
    this.#keepsAhead = true;
    this.isolation().then(
      (detected) => this.#prepareNext(detected),
      () => undefined,
    );
  }

  /** Makes ahead what a start needs. */
  warm(): Promise<void> {
    return this.#pipes.fill();
  }

  /** How builds are isolated here, or why they are not. */
  async isolation(): Promise<Detected> {
    if (this.#mode === 'off') return { missing: '--build-isolation off' };
    const { own, path } = this.#options;
    const surroundings = {
      folder: this.#records,
      own: [dirname(this.#folder), ...own],
      home: homeFolder(),
      path,
      platform: process.platform,
    };
    return (this.#detected ??= detectIsolation(surroundings));
  }

  async prepare(id: string, place?: Pick<Place, 'privileged'>): Promise<Workspace> {
    const detected = await this.isolation();
    if (this.#mode === 'required' && 'missing' in detected)
      throw new PipewrightError('IsolationUnavailable', `--build-isolation required: builds cannot be isolated here: ${detected.missing}`);
    if ('missing' in detected) {
      const { folders } = await this.#places.take(id, { mark });
      return { ...folders, bash: BASH, locate: (path) => locateOnHost(path, folders) };
    }
    const socket = place?.privileged ? await engineSocket(process.env['DOCKER_HOST']) : undefined;
    const { folders } = await this.#places.take(id, { rooms: detected.rooms, mark, socket });
    this.#prepareNext(detected);
    return { ...folders, bash: BASH, locate: (path) => locateInRoom(path, folders) };
  }

  async start(spec: WorkloadSpec): Promise<Workload> {
    const place = this.#place(spec.id);
    const { folders, room } = place;
    const named = spec.user === undefined ? undefined : await userNamed(spec.user, room !== undefined);
    // In a room, the build's own user is what root is in an image.
    const user = room && named?.uid !== 0 ? named : undefined;
    const pipe = await this.#pipes.take();
    pipe.read((chunk) => spec.onOutput(chunk));
    giveOutput(pipe.writeEnd, user ?? room?.account);
    const env = this.#environment(spec, folders, user);
    const { command, args, cwd } = spec;
    const launch: Launch = { spec: { command, args, cwd, env }, otherwise: folders.source, output: pipe.writeEnd, user };
    let child: ChildProcess;
    try {
      child = room ? await launchInRoom(room, { scratch: folders.scratch, mark: mark(folders.root) }, launch) : launchOnHost(launch);
    } catch (error) {
      pipe.close();
      throw error;
    }
    pipe.started();
    if (child.pid !== undefined) this.#record(place.name, child.pid);
    this.#runs(spec.id, child);
    const exit = ended(child).finally(() => pipe.close());
    // Whoever waits sees the rejection; nobody waiting must not end the runner.
    exit.catch(() => undefined);
    const control = child.stdio[3] as Duplex;
    control.on('error', () => undefined);
    return { id: spec.id, control, exit, stop: (graceMs) => this.#stop(child, place, exit, graceMs) };
  }

  /** What we made is ours, where the build has a user of its own. Links are given as what they are. */
  async handOver(id: string): Promise<void> {
    const { room, folders } = this.#place(id);
    if (!room || room.account.uid === process.getuid?.()) return;
    const { source, sources, home, temporary } = folders;
    const { uid, gid } = room.account;
    const full: string[] = [];
    for (const folder of [source, sources, home, temporary]) {
      if (readdirSync(folder).length > 0) full.push(folder);
      else chownSync(folder, uid, gid);
    }
    if (full.length > 0) await run('chown', ['-hR', `${uid}:${gid}`, '--', ...full]);
  }

  /** A build on the host itself may do what we may: it needs no trick. */
  still<T>(id: string, work: () => Promise<T>): Promise<T> {
    return this.#places.of(id)?.room?.still(work) ?? work();
  }

  async destroy(id: string): Promise<void> {
    const place = this.#places.of(id);
    if (!place) return;
    const running = [...(this.#running.get(id) ?? [])].flatMap(({ pid }) => pid ?? []);
    this.#running.delete(id);
    // Who leads into the room has to reap whom it brought in, before the room can end.
    for (const pid of running) signalPid(pid, 'SIGCONT');
    await place.room?.end();
    for (const pid of running) signalPid(-pid, 'SIGKILL');
    await this.#remove(place);
    this.#places.leave(id);
    this.#prepareNext(await this.isolation(), 0);
  }

  async sweep(): Promise<readonly string[]> {
    const found = new Set([...readdirSync(this.#folder), ...leftScratch(this.#folder)]);
    for (const name of readdirSync(this.#records)) {
      const seen = name.endsWith('.json') ? this.#read(name) : undefined;
      if (seen && seen.start !== undefined && (await startOf(seen.pid)) === seen.start) signalPid(-seen.pid, 'SIGKILL');
      if (seen) found.add(name.slice(0, name.lastIndexOf('@')));
      rmSync(join(this.#records, name), { recursive: true, force: true });
    }
    for (const pid of pidsWithEnvironment(`${MARK}=${this.#folder}/`)) signalPid(pid, 'SIGKILL');
    const workloads = [...found].flatMap((name) => this.#places.ownerOf(name) ?? []);
    for (const name of found) await this.#remove({ name });
    return workloads;
  }

  /** Removes what waits for a workload. */
  close(): Promise<void> {
    return this.#places.close();
  }

  #place(id: string): HostPlace {
    const place = this.#places.of(id);
    if (!place) throw new PipewrightError('WorkloadLost', `there is no workspace of ${id}`);
    return place;
  }

  #prepareNext(detected: Detected, afterMs?: number): void {
    if (this.#keepsAhead && this.#mode !== 'off' && 'rooms' in detected) this.#places.prepare({ rooms: detected.rooms, mark }, afterMs);
  }

  #runs(id: string, child: ChildProcess): void {
    const running = this.#running.get(id) ?? new Set();
    this.#running.set(id, running.add(child));
    child.once('exit', () => running.delete(child));
  }

  async #remove({ name, room }: Pick<HostPlace, 'name' | 'room'>): Promise<void> {
    const { root, scratch } = foldersOf(this.#folder, name);
    // With its room they end all, wherever they went.
    if (room) await room.end();
    else await this.#endLeft(root);
    await removeTree(root);
    await removeTree(scratch);
    for (const record of this.#recordsOf(name)) rmSync(join(this.#records, record), { force: true });
  }

  #record(place: string, pid: number): void {
    startOf(pid)
      .then((start) => {
        if (start !== undefined) writeFileSync(join(this.#records, `${place}@${pid}.json`), JSON.stringify({ pid, start } satisfies Seen));
      })
      // The disk is full: the mark in the environment still finds the process.
      .catch(() => undefined);
  }

  #read(name: string): Seen | undefined {
    try {
      return JSON.parse(readFileSync(join(this.#records, name), 'utf8')) as Seen;
    } catch {
      // Torn by the crash we recover from: the mark in the environment still finds the processes.
      return undefined;
    }
  }

  #recordsOf(place: string): readonly string[] {
    return readdirSync(this.#records).filter((name) => name.startsWith(`${place}@`));
  }

  #environment({ env }: WorkloadSpec, folders: Folders, user: Account | undefined): Readonly<Record<string, string>> {
    const { root, home, temporary } = folders;
    const own: Record<string, string> =
      user === undefined ? { HOME: home } : { HOME: homeOf(user, folders), USER: user.name, LOGNAME: user.name };
    return { PATH, TMPDIR: temporary, LANG: 'C.UTF-8', ...own, ...env, [MARK]: root };
  }

  async #stop(child: ChildProcess, { room, folders }: HostPlace, exit: Promise<WorkloadExit>, graceMs: number): Promise<void> {
    if (child.pid === undefined) return;
    if (graceMs > 0) await this.#ask(child.pid, room, exit, graceMs);
    await room?.end();
    signalPid(-child.pid, 'SIGKILL');
    if (!room) await this.#endLeft(folders.root);
    await exit.catch(() => undefined);
  }

  /** To end by itself. */
  async #ask(pid: number, room: BuildRoom | undefined, exit: Promise<WorkloadExit>, graceMs: number): Promise<void> {
    // Who leads into a room stays till the end: it reaps whom it brought in, for whose reaping the kernel waits before it ends the room.
    const asked = room ? pidsOfGroup(pid).filter((one) => one !== pid) : [-pid];
    for (const one of asked) signalPid(one, 'SIGTERM');
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([exit.catch(() => undefined), new Promise((resolve) => (timer = setTimeout(resolve, graceMs)))]);
    clearTimeout(timer);
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

/** Of our user; the root folder, which is never hidden, where it has none. */
function homeFolder(): string {
  try {
    return homedir();
  } catch {
    return '/';
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
