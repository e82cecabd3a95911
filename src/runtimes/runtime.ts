import type { Duplex } from 'node:stream';

/** User code to run under an id that the caller chose and keeps. */
export interface WorkloadSpec {
  readonly id: string;
  /** An image, or `host`. */
  readonly image: string;
  readonly command: string;
  readonly args: readonly string[];
  /** What the workload sees beside the little that the runtime itself sets (PATH, HOME, TMPDIR, LANG). */
  readonly env: Readonly<Record<string, string>>;
  /** Inside the workspace. */
  readonly cwd: string;
  /** Standard output and error, in the order they were written. */
  onOutput(chunk: Uint8Array): void;
}

export interface WorkloadExit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Workload {
  readonly id: string;
  /** A two-way channel on file descriptor 3 of the started program. */
  readonly control: Duplex;
  /** Resolves when the program has ended and its output has been handed over; rejects (code SpawnFailed) when it never began. */
  readonly exit: Promise<WorkloadExit>;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, after `graceMs` SIGKILL: the program, its process group and whatever escaped from it. */
  stop(graceMs: number): Promise<void>;
}

export interface Workspace {
  readonly root: string;
  readonly source: string;
  readonly home: string;
  readonly temporary: string;
}

/** Where user code runs. */
export interface Runtime {
  readonly name: string;
  /** Makes the folders of a workload; nobody but our user may look inside. */
  prepare(id: string): Promise<Workspace>;
  start(spec: WorkloadSpec): Promise<Workload>;
  /** Ends everything of this workload and removes its workspace. */
  destroy(id: string): Promise<void>;
  /** After our own restart: ends what an earlier life started, removes its workspaces, and tells their ids. */
  sweep(): Promise<readonly string[]>;
}
