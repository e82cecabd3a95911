import type { Settings } from '../kernel/options.ts';

/** A server that runs inside this process; the composition root brings it. */
export interface RunningServer {
  readonly endpoint: string;
  readonly data: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  close(): Promise<void>;
}

/** What commands meet the world through. */
export interface CliTools {
  startServer(settings: Settings): Promise<RunningServer>;
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
