import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../kernel/errors.ts';
import type { Workspace } from '../../runtimes/runtime.ts';
import type { Batchspec } from '../../services/codebuild/rules/batch/types.ts';
import { PHASES, type Buildspec, type Phase } from '../../services/codebuild/rules/buildspec/types.ts';
import type { BuildJob, BuildStatus, BuiltArtifact, EnvironmentVariable, PhaseType } from '../../services/pipewright/api.gen.ts';
import { BuildCache } from '../cache/build-cache.ts';
import { selectRuntimes } from '../runtime-versions/select.ts';
import { SHORTEST } from '../output/secret-forms.ts';
import { trustedWith } from '../source/certificate.ts';
import { download } from '../source/download.ts';
import { BuildShell, type Sources } from './build-shell.ts';
import { readBuildspec } from './buildspec.ts';
import { deliverArtifacts, deliverReports } from './deliver.ts';
import { credentialSecrets } from './environment.ts';
import { clientError, PhaseFailure } from './failure.ts';
import { idOf } from './job-id.ts';
import { hostLogins } from './git-helper.ts';
import { Interrupted, interruptible, interruption } from './interruption.ts';
import { provision } from './provision.ts';
import { NO_BUILDSPEC, serveCommands } from './sandbox.ts';
import { runWithRetries } from './retry.ts';
import { exportable, NO_SECRETS, resolveSecrets } from './secrets.ts';
import { stepPhases } from '../steps/for-build.ts';
import type { StepPhases } from '../steps/step-phase.ts';
import type { BuildTools } from './tools.ts';
import { unheeded } from './unheeded.ts';

export interface BuildResult {
  readonly status: BuildStatus;
  readonly revision?: string;
  readonly exported: readonly EnvironmentVariable[];
  readonly artifacts: readonly BuiltArtifact[];
  /** Of the build that reads it for its batch. */
  readonly batchspec?: Batchspec;
}

/** How long a stopped build may take to end by itself. */
const GRACE_MS = 5_000;

const PHASE_TYPES = { install: 'INSTALL', pre_build: 'PRE_BUILD', build: 'BUILD', post_build: 'POST_BUILD' } as const;

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
  #shell: BuildShell | undefined;
  #steps: StepPhases | undefined;
  #cache: BuildCache | undefined;
  #revision: string | undefined;
  #exported: readonly EnvironmentVariable[] = [];
  #artifacts: readonly BuiltArtifact[] = [];
  #status: BuildStatus = 'SUCCEEDED';

  constructor(job: BuildJob, tools: BuildTools) {
    this.#job = job;
    this.#tools = tools;
  }

  async run(): Promise<BuildResult> {
    const { log, notices } = this.#tools;
    for (const notice of notices) log.agent(notice);
    const ready =
      (await this.#phase('PROVISIONING', () => this.#provision())) && (await this.#phase('DOWNLOAD_SOURCE', () => this.#download()));
    const { sandbox } = this.#tools;
    if (ready && sandbox) await this.#phase('BUILD', () => serveCommands(this.#shell!.commands!, sandbox, log, this.#tools.signal));
    else if (ready && (await this.#userPhases())) await this.#phase('UPLOAD_ARTIFACTS', () => this.#upload());
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
      await interruptible(work, signal, async () => this.#shell?.stop(GRACE_MS));
      phases.end('SUCCEEDED');
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
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
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
      this.#status = 'FAILED';
      return phases.end('FAILED', { statusCode: 'CLIENT_ERROR', message: `No space is left on the disk: ${messageOf(error)}` });
    }
    // Not the user's doing: the disk is broken, or we are.
    this.#status = 'FAULT';
    phases.end('FAULT', { statusCode: 'INTERNAL_SERVICE_ERROR', message: messageOf(error) });
  }

  async #provision(): Promise<void> {
    this.#workspace = await provision(this.#job, this.#tools);
  }

  async #download(): Promise<void> {
    const { s3, log, credentialsAddress, endpoint } = this.#tools;
    const { source: directory } = this.#workspace;
    log.agent('Waiting for DOWNLOAD_SOURCE');
    log.agent('Phase is DOWNLOAD_SOURCE');
    log.agent(`CODEBUILD_SRC_DIR=${directory}`);
    const answers = await credentialsAddress?.answers(endpoint);
    this.#shell = new BuildShell(this.#job, this.#tools, this.#workspace, answers ?? false);
    const sources = await this.#fetch(directory);
    await this.#tools.runtime.handOver(idOf(this.#job));
    this.#revision = sources.revision;
    this.#spec = this.#tools.sandbox ? NO_BUILDSPEC : await readBuildspec(this.#job.buildspec, { sourceDir: directory, s3, log });
    this.#refuseWhatIsMissing();
    for (const line of unheeded(this.#spec)) log.agent(line);
    log.agent('Processing environment variables');
    await this.#fetchSecrets();
    await this.#shell.open(this.#spec, this.#secrets, sources);
    this.#cache = await this.#openCache();
    if (this.#cache) await this.#restore(this.#cache);
    await this.#selectRuntimes();
    log.agent(`Moving to directory ${directory}`);
    log.agent(`Phases found in YAML: ${this.#spec.phases.length}`);
    for (const { name, commands, steps } of this.#spec.phases)
      log.agent(` ${PHASE_TYPES[name]}: ${steps ? `${steps.length} steps` : `${commands.length} commands`}`);
  }

  async #restore(cache: BuildCache): Promise<void> {
    const { runtime } = this.#tools;
    const id = idOf(this.#job);
    // The cache's key may have run commands of the buildspec's, which may go on in the background.
    await runtime.still(id, () => cache.restore());
    await runtime.handOver(id);
  }

  async #saveCache(): Promise<void> {
    const cache = this.#cache;
    if (cache) await this.#tools.runtime.still(idOf(this.#job), () => cache.save());
  }

  async #openCache(): Promise<BuildCache | undefined> {
    const { s3, log, signal, runtime, cacheFolder: folder } = this.#tools;
    const commands = this.#shell?.commands;
    if (!commands || folder === undefined) return undefined;
    const container = runtime.name === 'docker';
    const tell = (line: string): void => log.agent(line);
    return BuildCache.open(this.#job, this.#spec.cache, { s3, folder, workspace: this.#workspace, container, commands, signal, tell });
  }

  /** The sources, each in its folder. */
  async #fetch(directory: string): Promise<Sources> {
    const { s3, log, signal, endpoint, gitProtocols, mirrors } = this.#tools;
    const { source, secondarySources, account, region, projectName, credentials, environment } = this.#job;
    const { sources, scratch } = this.#workspace;
    const reach = { s3, scratch, signal, endpoint, region, credentials };
    const { certificate } = environment;
    const tools = {
      ...(certificate && { caFile: await trustedWith(certificate, reach) }),
      ...reach,
      ...(gitProtocols !== undefined && { gitProtocols }),
      ...(mirrors && { mirrors: { mirrors, project: `${account}/${region}/${projectName}` } }),
    };
    let revision: string | undefined;
    if (this.#tools.source) await this.#tools.source(directory);
    else revision = await download(source, directory, tools);
    const secondary = new Map<string, string>();
    for (const other of secondarySources) {
      const folder = join(sources, other.identifier ?? '');
      log.agent(`CODEBUILD_SRC_DIR_${other.identifier ?? ''}=${folder}`);
      await mkdir(folder);
      await download(other, folder, tools);
      secondary.set(other.identifier ?? '', folder);
    }
    return { directory, secondary, revision };
  }

  /** What the buildspec asks for and we cannot do must not be passed over in silence. */
  #refuseWhatIsMissing(): void {
    const unset = [...this.#job.variables, ...(this.#job.references ?? [])].find(
      ({ name }) => name.includes('\0') || name.includes('=') || name === '',
    );
    if (unset) throw clientError(`${JSON.stringify(unset.name)} is no name for an environment variable`);
  }

  async #fetchSecrets(): Promise<void> {
    const { aws, log, signal } = this.#tools;
    this.#secrets = await resolveSecrets(this.#job, this.#spec.env, aws, signal);
    // Whoever asks for the helper can ask it.
    const passwords = this.#spec.env.gitCredentialHelper ? hostLogins(this.#job).map(({ password }) => password) : [];
    log.hide([...this.#secrets.hidden, ...passwords, ...credentialSecrets(this.#job.credentials)]);
    for (const [name, value] of Object.entries({ ...this.#secrets.spec, ...this.#secrets.given })) {
      if (Buffer.byteLength(value) < SHORTEST) log.agent(`The value of ${name} is too short to be masked in this log`);
    }
  }

  /** An image is chosen for what it has; the machine is what it is, and a build that gets along with it must not fail. */
  async #selectRuntimes(): Promise<void> {
    const { runtime, log } = this.#tools;
    const commands = this.#shell?.commands;
    const install = this.#spec.phases.find(({ name }) => name === 'install');
    if (!install || !commands || this.#spec.version === '0.1' || Object.keys(install.runtimeVersions).length === 0) return;
    const [asked] = await commands.variables(['PIPEWRIGHT_RUNTIME_VERSIONS']);
    const strict = asked?.value === 'strict' || (runtime.name !== 'process' && asked?.value !== 'lenient');
    await selectRuntimes(install.runtimeVersions, { commands, log, strict });
  }

  /** False where the rest of the build is to be left out. */
  async #userPhases(): Promise<boolean> {
    for (const name of PHASES) {
      const phase = this.#spec.phases.find((candidate) => candidate.name === name);
      const succeeded = await this.#phase(PHASE_TYPES[name], () => this.#runPhase(name, phase));
      if (!succeeded && this.#status !== 'FAILED') return false;
      if (!succeeded && !this.#goesOn(name, phase)) return false;
      if (!succeeded) await this.#shell?.commands?.succeeding(false);
    }
    await this.#export();
    return true;
  }

  async #export(): Promise<void> {
    const { log } = this.#tools;
    const { may, not } = exportable(this.#spec.env.exportedVariables, this.#secrets);
    if (not.length > 0) log.agent(`Not exported, as secrets and variables that begin with AWS_ are not: ${not.join(', ')}`);
    const found = (await this.#shell?.commands?.variables(may)) ?? [];
    this.#exported = found.map(({ name, value }) => ({ name, value: log.masked(value) }));
    if (found.length > 0) log.agent(`Exported variables: ${found.map(({ name }) => name).join(', ')}`);
  }

  async #runPhase(name: Phase['name'], phase: Phase | undefined): Promise<void> {
    this.#tools.log.agent(`Entering phase ${PHASE_TYPES[name]}`);
    const commands = this.#shell?.commands;
    if (!phase || !commands) return;
    await commands.as(phase.runAs ?? this.#spec.runAs);
    const ready = { workspace: this.#workspace, revision: this.#revision, secrets: this.#secrets, version: this.#spec.version, commands };
    if (phase.steps) this.#steps ??= stepPhases(this.#job, this.#tools, ready);
    await runWithRetries(phase, PHASE_TYPES[name], commands, this.#tools.log, phase.steps && (() => this.#steps!.run(phase)));
  }

  #goesOn(name: Phase['name'], phase: Phase | undefined): boolean {
    const kind = phase?.onFailure?.kind;
    if (kind === 'CONTINUE') return true;
    return kind !== 'ABORT' && (name === 'build' || name === 'post_build');
  }

  /** Reports first: what is wrong with them does not keep the artifacts back, and fails the phase after all. */
  async #upload(): Promise<void> {
    const commands = this.#shell?.commands;
    if (!commands) return;
    const finished = { job: this.#job, spec: this.#spec, workspace: this.#workspace, commands, revision: this.#revision };
    const failure = await deliverReports(finished, this.#tools);
    this.#artifacts = await deliverArtifacts(finished, this.#tools);
    // What a failed build leaves may be half of something.
    if (!failure && this.#status === 'SUCCEEDED') await this.#saveCache();
    if (failure) throw failure;
  }

  /** The clean-up phase: whatever happened, nothing of the build goes on. */
  async #finalize(): Promise<void> {
    this.#tools.phases.begin('FINALIZING');
    await this.#shell?.stop(0);
    this.#tools.log.flush();
    this.#tools.phases.end('SUCCEEDED');
  }
}
