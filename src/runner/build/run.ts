import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PipewrightClient } from '../../client/client.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Runtime, Workspace } from '../../runtimes/runtime.ts';
import {
  PHASES,
  type ArtifactSpec,
  type Buildspec,
  type BuildspecEnv,
  type Phase,
} from '../../services/codebuild/rules/buildspec/types.ts';
import type {
  BuildJob,
  BuildStatus,
  BuiltArtifact,
  EnvironmentVariable,
  PhaseContext,
  PhaseType,
} from '../../services/pipewright/api.gen.ts';
import { uploadArtifacts } from '../artifacts/upload.ts';
import type { BuildLog } from '../output/build-log.ts';
import type { ReportCalls } from '../reports/calls.ts';
import { uploadReports, type WantedReport } from '../reports/upload.ts';
import { SHORTEST } from '../output/secret-forms.ts';
import type { ShellKind } from '../shell/driver.ts';
import { EarlyShell } from '../shell/early-shell.ts';
import type { ShellOptions } from '../shell/shell.ts';
import { download } from '../source/download.ts';
import { readBuildspec } from './buildspec.ts';
import { Commands } from './commands.ts';
import { buildEnvironment, credentialVariables, runnerVariables } from './environment.ts';
import { clientError, PhaseFailure } from './failure.ts';
import { exportable, NO_SECRETS, resolveSecrets, type SecretStores } from './secrets.ts';
import { unheeded } from './unheeded.ts';
import type { PhaseLog } from './phase-log.ts';

export interface BuildTools {
  readonly runtime: Runtime;
  readonly s3: PipewrightClient['s3'];
  /** The stores of the build's secrets, where there is a server. */
  readonly aws?: SecretStores;
  /** The server's base URL. */
  readonly endpoint: string;
  readonly log: BuildLog;
  readonly phases: PhaseLog;
  readonly reports: ReportCalls;
  /** Aborted with a StopReason. */
  readonly signal: AbortSignal;
  readonly gitProtocols?: string;
  /** Puts the primary source there, where it does not come from a server. */
  source?(directory: string): Promise<void>;
}

export interface BuildResult {
  readonly status: BuildStatus;
  readonly revision?: string;
  readonly exported: readonly EnvironmentVariable[];
  readonly artifacts: readonly BuiltArtifact[];
}

const NO_ENV: BuildspecEnv = { variables: {}, parameterStore: {}, secretsManager: {}, exportedVariables: [], gitCredentialHelper: false };

/** How long a stopped build may take to end by itself. */
const GRACE_MS = 5_000;

const PHASE_TYPES = { install: 'INSTALL', pre_build: 'PRE_BUILD', build: 'BUILD', post_build: 'POST_BUILD' } as const;

/** Thrown inside a phase when the build is stopped or out of time. */
class Interrupted extends Error {}

/**
 * One build, phase by phase: https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html.
 * A failed BUILD still runs POST_BUILD and UPLOAD_ARTIFACTS; a failure before it goes straight to FINALIZING.
 */
export class BuildRun {
  readonly #job: BuildJob;
  readonly #tools: BuildTools;
  #workspace!: Workspace;
  #spec!: Buildspec;
  #secrets = NO_SECRETS;
  #early: EarlyShell | undefined;
  #commands: Commands | undefined;
  #revision: string | undefined;
  #exported: readonly EnvironmentVariable[] = [];
  #artifacts: readonly BuiltArtifact[] = [];
  #status: BuildStatus = 'SUCCEEDED';

  constructor(job: BuildJob, tools: BuildTools) {
    this.#job = job;
    this.#tools = tools;
  }

  /** The workload's id at the runtime. */
  static idOf(job: BuildJob): string {
    return job.buildId.slice(job.buildId.lastIndexOf(':') + 1);
  }

  async run(): Promise<BuildResult> {
    for (const notice of this.#job.notices) this.#tools.log.agent(notice);
    this.#tools.log.agent('Waiting for DOWNLOAD_SOURCE');
    if ((await this.#phase('DOWNLOAD_SOURCE', () => this.#download())) && (await this.#userPhases())) {
      await this.#phase('UPLOAD_ARTIFACTS', () => this.#upload());
    }
    await this.#finalize();
    return {
      status: this.#status,
      ...(this.#revision !== undefined && { revision: this.#revision }),
      exported: this.#exported,
      artifacts: this.#artifacts,
    };
  }

  /** Runs one phase; false where it failed. A stop or time-out becomes the phase's and the build's status. */
  async #phase(type: PhaseType, work: () => Promise<void>): Promise<boolean> {
    const { phases, signal } = this.#tools;
    if (signal.aborted && this.#status !== 'SUCCEEDED' && this.#status !== 'FAILED') return false;
    phases.begin(type);
    try {
      await this.#interruptible(work);
      phases.end('SUCCEEDED');
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  async #interruptible(work: () => Promise<void>): Promise<void> {
    const { signal } = this.#tools;
    let interrupt = () => {};
    const interrupted = new Promise<never>((_resolve, reject) => {
      interrupt = () => reject(new Interrupted());
      signal.addEventListener('abort', interrupt, { once: true });
    });
    if (signal.aborted) interrupt();
    const working = work();
    try {
      await Promise.race([working, interrupted]);
    } catch (error) {
      if (!(error instanceof Interrupted)) throw signal.aborted ? new Interrupted() : error;
      await this.#commands?.stop(GRACE_MS);
      await working.catch(() => undefined);
      throw error;
    } finally {
      signal.removeEventListener('abort', interrupt);
    }
  }

  #failed(error: unknown): void {
    const { phases, signal } = this.#tools;
    if (error instanceof Interrupted) {
      const { status, context } = interruption(signal.reason);
      this.#status = status;
      return phases.end(status, context);
    }
    if (error instanceof PhaseFailure) {
      this.#status = 'FAILED';
      return phases.end('FAILED', { statusCode: error.statusCode, message: error.message });
    }
    // Not the user's doing: the disk, or a bug of ours.
    this.#status = 'FAULT';
    phases.end('FAULT', { statusCode: 'INTERNAL_SERVICE_ERROR', message: messageOf(error) });
  }

  async #download(): Promise<void> {
    const { runtime, s3, log, signal, endpoint, gitProtocols } = this.#tools;
    const { source, secondarySources, buildspec, region, credentials } = this.#job;
    this.#workspace = await runtime.prepare(BuildRun.idOf(this.#job));
    const { source: directory, root, temporary: scratch } = this.#workspace;
    log.agent('Phase is DOWNLOAD_SOURCE');
    log.agent(`CODEBUILD_SRC_DIR=${directory}`);
    const tools = { s3, scratch, signal, endpoint, region, credentials, ...(gitProtocols !== undefined && { gitProtocols }) };
    const early = this.#startEarly(directory);
    if (this.#tools.source) await this.#tools.source(directory);
    else this.#revision = await download(source, directory, tools);
    const secondary = new Map<string, string>();
    for (const other of secondarySources) {
      const folder = join(root, `src-${other.identifier ?? ''}`);
      log.agent(`CODEBUILD_SRC_DIR_${other.identifier ?? ''}=${folder}`);
      await mkdir(folder);
      await download(other, folder, tools);
      secondary.set(other.identifier ?? '', folder);
    }
    this.#spec = await readBuildspec(buildspec, { sourceDir: directory, s3, log });
    this.#refuseWhatIsMissing();
    for (const line of unheeded(this.#spec)) log.agent(line);
    log.agent('Processing environment variables');
    await this.#fetchSecrets();
    const known = { ...runnerVariables(directory, secondary, this.#revision), ...credentialVariables(endpoint, credentials) };
    this.#commands = await this.#open(early, known);
    log.agent(`Moving to directory ${directory}`);
    log.agent(`Phases found in YAML: ${this.#spec.phases.length}`);
    for (const { name, commands } of this.#spec.phases) log.agent(` ${PHASE_TYPES[name]}: ${commands.length} commands`);
  }

  /** What the buildspec asks for and we cannot do must not be passed over in silence. */
  #refuseWhatIsMissing(): void {
    for (const phase of this.#spec.phases)
      if (phase.steps)
        throw clientError(`Line ${phase.steps.line} of the buildspec uses steps (GitHub Actions), which Pipewright does not run yet`);
    const unset = [...this.#job.variables, ...(this.#job.references ?? [])].find(
      ({ name }) => name.includes('\0') || name.includes('=') || name === '',
    );
    if (unset) throw clientError(`${JSON.stringify(unset.name)} is no name for an environment variable`);
  }

  async #fetchSecrets(): Promise<void> {
    const { aws, log, signal } = this.#tools;
    this.#secrets = await resolveSecrets(this.#job, this.#spec.env, aws, signal);
    log.hide(this.#secrets.hidden);
    for (const [name, value] of Object.entries({ ...this.#secrets.spec, ...this.#secrets.given })) {
      if (Buffer.byteLength(value) < SHORTEST) log.agent(`The value of ${name} is too short to be masked in this log`);
    }
  }

  /** A shell takes longer to start than many a source to come: it starts meanwhile. */
  #startEarly(directory: string): EarlyShell {
    const { endpoint } = this.#tools;
    const known = { ...runnerVariables(directory, new Map(), undefined), ...credentialVariables(endpoint, this.#job.credentials) };
    return (this.#early = new EarlyShell(this.#shellOptions(shellKind(undefined), buildEnvironment(this.#job, NO_ENV, NO_SECRETS, known))));
  }

  #shellOptions(kind: ShellKind, env: Record<string, string>): ShellOptions {
    const { runtime, log } = this.#tools;
    const { source: cwd, temporary: scratch } = this.#workspace;
    const onOutput = (chunk: Uint8Array) => log.output(chunk);
    return { runtime, id: BuildRun.idOf(this.#job), image: this.#job.image ?? 'host', kind, cwd, scratch, env, onOutput };
  }

  async #open(early: EarlyShell, builtin: Record<string, string>): Promise<Commands> {
    const { env: specEnv, version } = this.#spec;
    const options = this.#shellOptions(shellKind(specEnv.shell), buildEnvironment(this.#job, specEnv, this.#secrets, builtin));
    // Secrets go to a new shell with its environment: to one that runs they would go through a file.
    const shell = version === '0.2' && this.#secrets.hidden.length === 0 ? await early.become(options) : undefined;
    if (!shell) await early.close();
    return new Commands(options, version, this.#tools.log, shell);
  }

  /** False where the rest of the build is to be left out. */
  async #userPhases(): Promise<boolean> {
    for (const name of PHASES) {
      const phase = this.#spec.phases.find((candidate) => candidate.name === name);
      const succeeded = await this.#phase(PHASE_TYPES[name], () => this.#runPhase(name, phase));
      if (!succeeded && this.#status !== 'FAILED') return false;
      if (!succeeded && !this.#goesOn(name, phase)) return false;
      if (!succeeded) await this.#commands?.succeeding(false);
    }
    await this.#export();
    return true;
  }

  async #export(): Promise<void> {
    const { log } = this.#tools;
    const { may, not } = exportable(this.#spec.env.exportedVariables, this.#secrets);
    if (not.length > 0) log.agent(`Not exported, as secrets and variables that begin with AWS_ are not: ${not.join(', ')}`);
    const found = (await this.#commands?.variables(may)) ?? [];
    this.#exported = found.map(({ name, value }) => ({ name, value: log.masked(value) }));
    if (found.length > 0) log.agent(`Exported variables: ${found.map(({ name }) => name).join(', ')}`);
  }

  async #runPhase(name: Phase['name'], phase: Phase | undefined): Promise<void> {
    this.#tools.log.agent(`Entering phase ${PHASE_TYPES[name]}`);
    if (phase) await this.#commands?.run(phase);
  }

  #goesOn(name: Phase['name'], phase: Phase | undefined): boolean {
    const kind = phase?.onFailure?.kind;
    if (kind === 'RETRY')
      this.#tools.log.agent('on-failure: RETRY is not done on this kind of compute; the build goes on as if nothing were said');
    if (kind === 'CONTINUE') return true;
    return kind !== 'ABORT' && (name === 'build' || name === 'post_build');
  }

  /** Reports first: what is wrong with them does not keep the artifacts back, and fails the phase after all. */
  async #upload(): Promise<void> {
    const failure = await this.#uploadReports();
    await this.#uploadArtifacts();
    if (failure) throw failure;
  }

  async #uploadReports(): Promise<PhaseFailure | undefined> {
    const { s3, log, signal, reports: calls } = this.#tools;
    const { source: sourceDir, temporary: scratch } = this.#workspace;
    const wanted: WantedReport[] = [];
    for (const [group, { files, baseDirectory, discardPaths, fileFormat }] of Object.entries(this.#spec.reports)) {
      const base = baseDirectory === undefined ? {} : { baseDirectory };
      const locations = await this.#expanded({ files, ...base, discardPaths, excludePaths: [], enableSymlinks: false });
      wanted.push({ group, locations, fileFormat });
    }
    return uploadReports(wanted, { calls, s3, scratch, sourceDir, signal, tell: (line) => log.agent(line) });
  }

  async #uploadArtifacts(): Promise<void> {
    const { s3, log, signal } = this.#tools;
    const { source: sourceDir, temporary: scratch } = this.#workspace;
    const { artifacts, secondaryArtifacts } = this.#spec;
    const targets = { primary: this.#job.artifacts, secondary: this.#job.secondaryArtifacts };
    if (targets.primary.length + targets.secondary.length === 0) return;
    const primary = artifacts && (await this.#expanded(artifacts));
    const secondary: Record<string, ArtifactSpec> = {};
    for (const [identifier, spec] of Object.entries(secondaryArtifacts)) secondary[identifier] = await this.#expanded(spec);
    const tools = { s3, scratch, sourceDir, signal, revision: this.#revision, tell: (line: string) => log.agent(line) };
    this.#artifacts = await uploadArtifacts(targets, { primary, secondary }, tools);
  }

  async #expanded(spec: ArtifactSpec): Promise<ArtifactSpec> {
    const { files, excludePaths, name, baseDirectory, s3Prefix } = spec;
    const fixed = [name ?? '', baseDirectory ?? '', s3Prefix ?? ''];
    const texts = (await this.#commands?.expand([...fixed, ...files, ...excludePaths])) ?? [];
    const [newName = '', newBase = '', newPrefix = ''] = texts;
    return {
      ...spec,
      ...(name !== undefined && { name: newName }),
      ...(baseDirectory !== undefined && { baseDirectory: newBase }),
      ...(s3Prefix !== undefined && { s3Prefix: newPrefix }),
      files: texts.slice(3, 3 + files.length),
      excludePaths: texts.slice(3 + files.length),
    };
  }

  /** The clean-up phase: whatever happened, nothing of the build goes on. */
  async #finalize(): Promise<void> {
    this.#tools.phases.begin('FINALIZING');
    await (this.#commands ?? this.#early)?.stop(0);
    this.#tools.log.flush();
    this.#tools.phases.end('SUCCEEDED');
  }
}

/** How an interrupted build ended: AWS's words, and ours for what does not happen there. */
function interruption(reason: unknown): { readonly status: 'STOPPED' | 'TIMED_OUT' | 'FAULT'; readonly context?: PhaseContext } {
  if (reason === 'STOPPED') return { status: 'STOPPED' };
  if (reason === 'TIMED_OUT') return { status: 'TIMED_OUT', context: { statusCode: 'BUILD_TIMED_OUT', message: 'Build has timed out. ' } };
  return {
    status: 'FAULT',
    context: { statusCode: 'INTERNAL_SERVICE_ERROR', message: 'The runner was stopped while the build was running.' },
  };
}

const BASH = ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash', '/opt/homebrew/bin/bash'].some((path) => existsSync(path));

/** Bash wherever there is one, asked for or not: real buildspecs use its syntax without saying so. */
function shellKind(shell: string | undefined): ShellKind {
  if (shell === undefined) return BASH ? 'bash' : 'sh';
  const name = shell.slice(shell.lastIndexOf('/') + 1);
  if (name === 'sh' || (name === 'bash' && BASH)) return name;
  throw clientError(`The shell ${shell} is not available here`);
}
