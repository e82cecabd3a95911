import type { PipewrightClient } from '../../client/client.ts';
import type { Runtime } from '../../runtimes/runtime.ts';
import type { CredentialsAddress } from '../credentials-address.ts';
import type { DebugHost } from '../debug/host.ts';
import type { BuildLog } from '../output/build-log.ts';
import type { ReportCalls } from '../reports/calls.ts';
import type { Mirrors } from '../source/mirror.ts';
import type { PhaseLog } from './phase-log.ts';
import type { SandboxCalls } from './sandbox.ts';
import type { SecretStores } from './secrets.ts';

export interface BuildTools {
  readonly runtime: Runtime;
  /** What the log says first. */
  readonly notices: readonly string[];
  readonly s3: PipewrightClient['s3'];
  /** The stores of the build's secrets, where there is a server. */
  readonly aws?: SecretStores;
  /** The server's base URL. */
  readonly endpoint: string;
  /** Where AWS's containers fetch credentials. */
  readonly credentialsAddress?: CredentialsAddress;
  readonly log: BuildLog;
  readonly phases: PhaseLog;
  /** Where somebody may debug the build. */
  readonly debug?: DebugHost;
  readonly reports: ReportCalls;
  /** Aborted with a StopReason. */
  readonly signal: AbortSignal;
  /** Of the repositories that are fetched from. */
  readonly mirrors?: Mirrors;
  /** Where LOCAL caches are kept; without it there are none. */
  readonly cacheFolder?: string;
  readonly gitProtocols?: string;
  /** Where the commands come from that are run instead of a buildspec. */
  readonly sandbox?: SandboxCalls;
  /** Where the repositories of GitHub Actions are: a base, or a template with {owner} and {repository}. GitHub unless it is said. */
  readonly actionsUrl?: string;
  /** Puts the primary source there, where it does not come from a server. */
  source?(directory: string): Promise<void>;
}
