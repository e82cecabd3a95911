import type { ByteStream } from './blobs.ts';

export interface SpawnRequest {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Fed to standard input, then closed. */
  readonly stdin?: ByteStream | Uint8Array;
  /** Ends the child (SIGKILL to its process group). */
  readonly signal?: AbortSignal;
}

export interface SpawnedProcess {
  readonly stdout: ByteStream;
  /** The last 64 KiB of standard error, complete once `exit` has resolved. */
  stderr(): string;
  /** Resolves when it has ended; rejects when it could not be started (code SpawnFailed). */
  readonly exit: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** Starts programs. In the server this is the small spawner process, because fork costs grow with the parent's memory. */
export interface Spawner {
  spawn(request: SpawnRequest): SpawnedProcess;
}
