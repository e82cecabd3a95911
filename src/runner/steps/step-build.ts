import type { Workspace } from '../../runtimes/runtime.ts';
import type { BuildJob } from '../../services/pipewright/api.gen.ts';
import type { BuildLog } from '../output/build-log.ts';

/** What the steps of a build need of it. */
export interface StepBuild {
  readonly job: BuildJob;
  readonly workspace: Workspace;
  /** Where its commands begin. */
  readonly sourceDirectory: string;
  readonly revision: string | undefined;
  /** What came from a store of secrets, by the variable's name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly log: BuildLog;
  /** It is in a container, not on the host. */
  readonly container: boolean;
  /** What one command exports the next one sees. */
  readonly keepsVariables: boolean;
  /** Runs a script in the build's shell and answers its exit status. */
  readonly execute: (script: string) => Promise<number>;
  /** What a command of ours prints there. */
  readonly capture: (command: string) => Promise<string>;
  /** Puts the repository of an action into the (empty) folder. Throws StepError. */
  readonly fetchAction: (
    wish: { readonly owner: string; readonly repository: string; readonly ref: string },
    folder: string,
  ) => Promise<void>;
}
