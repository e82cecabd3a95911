import type { Duplex } from 'node:stream';

/** User code to run under an id that the caller chose and keeps. */
export interface WorkloadSpec {
  readonly id: string;
  readonly command: string;
  readonly args: readonly string[];
  /** What the workload sees beside the little that the runtime itself sets (PATH, HOME, TMPDIR, LANG), or that its image does. */
  readonly env: Readonly<Record<string, string>>;
  /** Where it starts; the workspace's source folder where this one is gone. */
  readonly cwd: string;
  /** Another user that exists there, by name or number (run-as); absent: the workload's own. */
  readonly user?: string;
  /** Standard output and error, in the order they were written. */
  onOutput(chunk: Uint8Array): void;
}

export interface WorkloadExit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Workload {
  readonly id: string;
  /** What is written here the program reads on its file descriptor 3; read here is what the workspace's `answerMark` says. */
  readonly control: Duplex;
  /**
   * Resolves when the program has ended and its output has been handed over. Rejects with code SpawnFailed when it never began,
   * WorkloadLost when nobody can tell how it ended: its container died, or the engine did.
   */
  readonly exit: Promise<WorkloadExit>;
  /** SIGTERM, after `graceMs` SIGKILL: the program, its process group and whatever escaped from it. */
  stop(graceMs: number): Promise<void>;
}

export interface Workspace {
  readonly root: string;
  readonly source: string;
  /** Holds the folders of secondary sources. */
  readonly sources: string;
  readonly home: string;
  readonly temporary: string;
  /** Ours: the workload does not see it, and so leads nothing of ours astray in there. */
  readonly scratch: string;
  /** Where something is for us whose absolute path, or pattern, the workload tells; undefined where it is out of our reach. */
  locate(path: string): Located | undefined;
  /** Whether programs can be run by bash there. */
  readonly bash: boolean;
  /**
   * Absent: the program's descriptor 3 is two-way, and what it writes there arrives on the control channel.
   * Otherwise descriptor 3 is for reading only, and what the program writes to its standard output behind this mark (written for
   * printf), up to the end of the line, arrives on the control channel.
   */
  readonly answerMark?: string;
  /** For containers that the workload starts beside its own: they are removed with it. Absent where it may start none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The server's base URL as the workload must say it, where that is another one. */
  readonly endpoint?: string;
}

export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
}

export interface Located {
  readonly path: string;
  /** The folder that it must be in once all links are followed. */
  readonly within: string;
}

/** What a workload needs around it, for runtimes that make it. */
export interface Place {
  /** Whose workload it is: what was made ahead for one is given to no other. */
  readonly project: string;
  /** As the user gave it. */
  readonly image: string;
  /** AWS's name, for the limits: BUILD_GENERAL1_SMALL, … */
  readonly computeType: string;
  readonly privileged: boolean;
  /** For the image's registry, where the project has one; else what the server's user has logged in with. */
  readonly login?: RegistryLogin;
  /** The server's base URL. */
  readonly endpoint: string;
  /** Progress, a line at a time. */
  tell(line: string): void;
  /** Aborted when the workload is no longer wanted. */
  readonly signal: AbortSignal;
}

/** A program that somebody types at. */
export interface TerminalSpec extends WorkloadSpec {
  readonly columns: number;
  readonly rows: number;
}

export interface Terminal {
  write(bytes: Uint8Array): void;
  /** Nothing more is typed. */
  end(): void;
  resize(columns: number, rows: number): Promise<void>;
  /** Hangs up; the workload goes on. */
  close(): Promise<void>;
  /** The program's exit status, once its output has been handed over; undefined where it was ended with its workload. Never rejects. */
  readonly exit: Promise<number | undefined>;
}

/** Where user code runs. */
export interface Runtime {
  readonly name: string;
  /** Makes the place and the folders of a workload; nobody but our user may look inside. Rejects with code ImageUnavailable where there is no such image, IsolationUnavailable where there must be isolation and is none. */
  prepare(id: string, place: Place): Promise<Workspace>;
  /** Rejects (UserUnavailable) where programs cannot run as the user who is asked for. */
  start(spec: WorkloadSpec): Promise<Workload>;
  /** What we have put into the workspace becomes its user's. */
  handOver(id: string): Promise<void>;
  /** Does the work while nothing of the workload runs, where that matters: what we check and then open stays what it was. */
  still<T>(id: string, work: () => Promise<T>): Promise<T>;
  /** One more program beside those of `start`, at a terminal of its own. Absent: `start` takes several at a time. */
  terminal?(spec: TerminalSpec): Promise<Terminal>;
  /** Ends everything of this workload and removes its workspace. */
  destroy(id: string): Promise<void>;
  /** After our own restart: ends what an earlier life started, removes its workspaces, and tells their ids. */
  sweep(): Promise<readonly string[]>;
}
