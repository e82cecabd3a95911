import type { Mount, System } from './view.ts';

export interface Making {
  /** Absolute paths, by name. */
  readonly tools: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly system: System;
  /** Whether we are root. */
  readonly asRoot: boolean;
  /** A folder of ours that exists and is empty, for what making it needs. */
  readonly scratch: string;
}

export interface Heard {
  /** What the program wrote to its standard output: it ends with a line that begins with `ready`. */
  readonly output: string;
  /** What it wrote to its descriptor 3 by then. */
  readonly info: string;
}

/**
 * A way to make namespaces with a view of the system. The program it names makes them, starts a process 1 in them, writes `ready` to its
 * standard output, and ends when its standard input does, or we. When process 1 ends, the kernel ends every process in there.
 */
export interface Method {
  readonly name: string;
  /** Programs. */
  readonly needs: readonly string[];
  command(making: Making): { readonly command: string; readonly args: readonly string[] };
  /** The id of process 1 as we see it. */
  init(heard: Heard): number;
}
