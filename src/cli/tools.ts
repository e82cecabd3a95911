import type { Settings } from '../kernel/options.ts';
import type { CompleteReportInput, Phase, TestCase } from '../services/pipewright/api.gen.ts';

/** A server that runs inside this process; the composition root brings it. */
export interface RunningServer {
  readonly endpoint: string;
  readonly data: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  close(): Promise<void>;
}

export interface LocalBuildOptions {
  readonly folder: string;
  readonly buildspec?: string;
  readonly variables: readonly { readonly name: string; readonly value: string }[];
  readonly artifacts?: string;
  readonly actionsUrl: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  print(text: string): void;
}

export interface LocalBuild {
  readonly status: string;
  readonly phases: readonly Phase[];
  readonly exported: readonly { readonly name: string; readonly value: string }[];
  readonly reports: readonly {
    readonly name: string;
    readonly totals: Pick<CompleteReportInput, 'tests' | 'coverage'>;
    readonly failed: readonly TestCase[];
  }[];
}

export interface FleetRunnerOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly key?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
  readonly fleetArn: string;
  readonly folder: string;
  readonly capacity: number;
  readonly buildRuntime: 'auto' | 'process' | 'docker';
  readonly actionsUrl: string;
}

export interface RunningRunner {
  close(): Promise<void>;
}

/** What commands meet the world through. */
export interface CliTools {
  startServer(settings: Settings): Promise<RunningServer>;
  /** Runs a build of a work tree in this process; the composition root brings the runner. */
  localBuild(options: LocalBuildOptions): Promise<LocalBuild>;
  /** Runs builds of a fleet in this process, until it is closed. */
  fleetRunner(options: FleetRunnerOptions): Promise<RunningRunner>;
  /** The absolute path of a data folder as the user gave it. */
  dataPath(path: string): string;
  /** Resolves when somebody asks the process to end. */
  interrupted(): Promise<void>;
  /** How the user calls this program from any folder, for the commands that are suggested: `pipewright`, or `node …/pipewright.js`. */
  readonly self: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
}
