import type { Workspace } from '../../runtimes/runtime.ts';
import type { Buildspec, BuildspecEnv } from '../../services/codebuild/rules/buildspec/types.ts';
import type { BuildJob } from '../../services/pipewright/api.gen.ts';
import type { ShellKind } from '../shell/driver.ts';
import { SHARD_SCRIPTS } from '../shards/scripts.ts';
import { Tail } from '../output/tail.ts';
import { debugPrograms } from '../debug/programs.ts';
import { HASH_PROGRAMS } from '../cache/hash-files.ts';
import { CREDENTIALS_ADDRESS } from '../credentials-address.ts';
import { EarlyShell } from '../shell/early-shell.ts';
import type { ShellOptions } from '../shell/shell.ts';
import { Commands } from './commands.ts';
import { buildEnvironment, credentialVariables, keyVariables, runnerVariables } from './environment.ts';
import { clientError } from './failure.ts';
import { gitHelper } from './git-helper.ts';
import { idOf } from './job-id.ts';
import { programsFolder, writePrograms } from './programs.ts';
import { NO_SECRETS, type ResolvedSecrets } from './secrets.ts';
import type { BuildTools } from './tools.ts';

const NO_ENV: BuildspecEnv = { variables: {}, parameterStore: {}, secretsManager: {}, exportedVariables: [], gitCredentialHelper: false };

/** How much of a failed command's output is looked at for a reason to try again. */
const TAIL_BYTES = 64 * 1024;

/** What the source has told of the build's environment. */
export interface Sources {
  /** The folder of the primary one. */
  readonly directory: string;
  /** The folders of the others, by identifier. */
  readonly secondary: ReadonlyMap<string, string>;
  readonly revision: string | undefined;
}

/** The shell of a build, and what its commands see. */
export class BuildShell {
  readonly #job: BuildJob;
  readonly #tools: BuildTools;
  readonly #workspace: Workspace;
  /** Whether the server answers there. */
  readonly #atCredentialsAddress: boolean;
  readonly #early: EarlyShell;
  readonly #tail = new Tail(TAIL_BYTES);
  #commands: Commands | undefined;

  /** A shell takes longer to start than many a source to come: it starts meanwhile. */
  constructor(job: BuildJob, tools: BuildTools, workspace: Workspace, atCredentialsAddress: boolean) {
    this.#job = job;
    this.#tools = tools;
    this.#atCredentialsAddress = atCredentialsAddress;
    this.#workspace = workspace;
    const known = { ...runnerVariables(workspace.source, new Map(), undefined), ...this.#reach() };
    const kind = shellKind(undefined, workspace.bash);
    this.#early = new EarlyShell(this.#options(kind, buildEnvironment(job, NO_ENV, NO_SECRETS, known)));
  }

  /** Absent until it is opened. */
  get commands(): Commands | undefined {
    return this.#commands;
  }

  /** Gives the shell its whole environment. */
  async open({ env: specEnv, version }: Buildspec, secrets: ResolvedSecrets, sources: Sources): Promise<void> {
    // An object's version is no CODEBUILD_RESOLVED_SOURCE_VERSION.
    const revision = this.#job.source.kind === 'S3' ? undefined : sources.revision;
    const known = { ...runnerVariables(sources.directory, sources.secondary, revision), ...this.#reach() };
    const kind = shellKind(specEnv.shell, this.#workspace.bash);
    const options = this.#options(kind, buildEnvironment(this.#job, specEnv, secrets, known));
    // Secrets go to a new shell with its environment: to one that runs they would go through a file.
    const shell = version === '0.2' && secrets.hidden.length === 0 ? await this.#early.become(options) : undefined;
    if (!shell) await this.#early.close();
    const { debug, log, runtime } = this.#tools;
    this.#commands = new Commands({ options, tail: this.#tail, debug }, version, log, shell);
    const { temporary } = this.#workspace;
    const shard = this.#isShard() ? SHARD_SCRIPTS : {};
    writePrograms(this.#workspace, { ...debugPrograms({ temporary, enabled: debug?.breaks ?? false }), ...HASH_PROGRAMS, ...shard });
    debug?.attach({ runtime, workspace: this.#workspace, kind, env: options.env });
    if (specEnv.gitCredentialHelper) await this.#configureGit(this.#commands);
  }

  /** One of the builds of a fan-out, which share their tests. */
  #isShard(): boolean {
    return this.#job.builtinVariables.some(({ name }) => name === 'PIPEWRIGHT_SHARD_TOTAL');
  }

  async #configureGit(commands: Commands): Promise<void> {
    const command = await gitHelper(this.#job, this.#tools, this.#workspace);
    if (command === undefined) this.#tools.log.agent('git-credential-helper has no effect: there is no server to log in at');
    else if ((await commands.inShell(command)) !== 0)
      throw clientError('git-credential-helper: the home folder has no room for .gitconfig');
  }

  async stop(graceMs: number): Promise<void> {
    await (this.#commands ?? this.#early).stop(graceMs);
  }

  /** How the commands reach the server. */
  #reach(): Record<string, string> {
    const { endpoint } = this.#workspace;
    const { credentials } = this.#job;
    const own = endpoint !== undefined && new URL(endpoint).hostname !== CREDENTIALS_ADDRESS;
    return {
      ...credentialVariables(endpoint ?? this.#tools.endpoint, credentials, this.#atCredentialsAddress && !own),
      ...(endpoint !== undefined && { AWS_ENDPOINT_URL: endpoint }),
      ...(own && keyVariables(credentials)),
    };
  }

  #options(kind: ShellKind, env: Record<string, string>): ShellOptions {
    const { runtime, log } = this.#tools;
    const onOutput = (chunk: Uint8Array) => {
      log.output(chunk);
      this.#tail.write(chunk);
    };
    const programs = programsFolder(this.#workspace);
    // Given in the environment it takes the place of the machine's, and of what the shell adds to that.
    const path = env['PATH'] !== undefined && { PATH: `${env['PATH']}:${programs}` };
    return { runtime, id: idOf(this.#job), workspace: this.#workspace, kind, env: { ...env, ...path }, programs, onOutput };
  }
}

/** Bash wherever there is one, asked for or not: real buildspecs use its syntax without saying so. */
function shellKind(shell: string | undefined, bash: boolean): ShellKind {
  if (shell === undefined) return bash ? 'bash' : 'sh';
  const name = shell.slice(shell.lastIndexOf('/') + 1);
  if (name === 'sh' || (name === 'bash' && bash)) return name;
  const there = bash ? 'bash and sh' : 'sh';
  throw clientError(`The shell ${shell} is not available here; there is ${there}`);
}
