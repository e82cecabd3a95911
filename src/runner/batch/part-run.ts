import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../kernel/errors.ts';
import type { Workspace } from '../../runtimes/runtime.ts';
import type { Batchspec } from '../../services/codebuild/rules/batch/types.ts';
import type { ArtifactSpec } from '../../services/codebuild/rules/buildspec/types.ts';
import type { BatchPart, BuildJob, BuildSource, BuildStatus, BuiltArtifact, PhaseType } from '../../services/pipewright/api.gen.ts';
import { uploadArtifacts } from '../artifacts/upload.ts';
import { readBatchspec } from '../build/buildspec.ts';
import { PhaseFailure } from '../build/failure.ts';
import { interruption } from '../build/interruption.ts';
import { provision } from '../build/provision.ts';
import type { BuildResult } from '../build/run.ts';
import type { BuildTools } from '../build/tools.ts';
import { download, type DownloadTools } from '../source/download.ts';
import { mergeFolder } from './merge.ts';

const EVERYTHING: ArtifactSpec = { files: ['**/*'], discardPaths: false, excludePaths: [], enableSymlinks: true };

/** A batch's own work as a build: reading the batchspec out of the source, or making one artifact of many. No command of the user runs. */
export class BatchPartRun {
  readonly #job: BuildJob;
  readonly #part: BatchPart;
  readonly #tools: BuildTools;
  #workspace!: Workspace;
  #status: BuildStatus = 'SUCCEEDED';
  #revision: string | undefined;
  #batchspec: Batchspec | undefined;
  #artifacts: readonly BuiltArtifact[] = [];

  constructor(job: BuildJob, part: BatchPart, tools: BuildTools) {
    this.#job = job;
    this.#part = part;
    this.#tools = tools;
  }

  async run(): Promise<BuildResult> {
    const combines = this.#part.kind === 'COMBINE_ARTIFACTS';
    const ready =
      (await this.#phase('PROVISIONING', () => this.#provision())) &&
      (await this.#phase('DOWNLOAD_SOURCE', () => (combines ? this.#fetchPieces() : this.#readBatchspec())));
    if (ready && combines) await this.#phase('UPLOAD_ARTIFACTS', () => this.#upload());
    this.#tools.phases.begin('FINALIZING');
    this.#tools.log.flush();
    this.#tools.phases.end('SUCCEEDED');
    return {
      status: this.#status,
      ...(this.#revision !== undefined && { revision: this.#revision }),
      ...(this.#batchspec && { batchspec: this.#batchspec }),
      exported: [],
      artifacts: this.#artifacts,
    };
  }

  /** Every step heeds the signal by itself: there is nothing to be ended beside it. */
  async #phase(type: PhaseType, work: () => Promise<void>): Promise<boolean> {
    const { phases, signal } = this.#tools;
    phases.begin(type);
    try {
      signal.throwIfAborted();
      await work();
      signal.throwIfAborted();
      phases.end('SUCCEEDED');
      return true;
    } catch (error) {
      const { status, context } = this.#reason(error);
      this.#status = status;
      phases.end(status, context);
      return false;
    }
  }

  #reason(error: unknown): ReturnType<typeof interruption> | { status: 'FAILED'; context: { statusCode: string; message: string } } {
    if (this.#tools.signal.aborted) return interruption(this.#tools.signal.reason);
    if (error instanceof PhaseFailure) return { status: 'FAILED', context: { statusCode: error.statusCode, message: error.message } };
    return { status: 'FAULT', context: { statusCode: 'INTERNAL_SERVICE_ERROR', message: messageOf(error) } };
  }

  async #provision(): Promise<void> {
    this.#workspace = await provision(this.#job, this.#tools);
  }

  get #download(): DownloadTools {
    const { s3, signal, endpoint, gitProtocols } = this.#tools;
    const { region, credentials } = this.#job;
    const { scratch } = this.#workspace;
    return { s3, scratch, signal, endpoint, region, credentials, ...(gitProtocols !== undefined && { gitProtocols }) };
  }

  async #readBatchspec(): Promise<void> {
    const { s3, log } = this.#tools;
    const directory = this.#workspace.source;
    const source = await this.#pinned(this.#job.source);
    const revision = await download(source, directory, this.#download);
    // What is told is what the batch's builds are given as their source version: of an object, its version or nothing.
    this.#revision = source.kind === 'S3' ? source.object?.versionId : revision;
    this.#batchspec = await readBatchspec(this.#job.buildspec, { sourceDir: directory, s3, log });
    const { tasks } = this.#batchspec;
    log.agent(`Builds of the batch: ${tasks.map(({ identifier }) => identifier).join(', ')}`);
  }

  /** The object in its newest version, where its bucket keeps versions: what is read now is what is built. */
  async #pinned(source: BuildSource): Promise<BuildSource> {
    const { object } = source;
    if (source.kind !== 'S3' || !object || object.versionId !== undefined || object.key === '' || object.key.endsWith('/')) return source;
    const found = await this.#tools.s3
      .headObject({ Bucket: object.bucket, Key: object.key })
      // What is wrong with it the download says better.
      .catch(() => undefined);
    const versionId = found?.VersionId;
    return versionId === undefined || versionId === 'null' ? source : { ...source, object: { ...object, versionId } };
  }

  /** Each piece is unpacked by itself, then joined to the others in the order of the batch: of files of one name the last build's stays. */
  async #fetchPieces(): Promise<void> {
    const { log } = this.#tools;
    for (const { identifier, object } of this.#part.inputs) {
      log.agent(`Adding the artifact of ${identifier}`);
      const folder = join(this.#workspace.root, `piece-${identifier}`);
      await mkdir(folder);
      await download({ kind: 'S3', object, identifier }, folder, this.#download);
      await mergeFolder(folder, this.#workspace.source, (path) =>
        log.agent(`${path} of ${identifier} takes the place of an earlier build's`),
      );
    }
  }

  async #upload(): Promise<void> {
    const { s3, log, signal } = this.#tools;
    const { source: sourceDir, scratch } = this.#workspace;
    const ground = { sourceDir, workspace: this.#workspace };
    const tools = {
      s3,
      scratch,
      ground,
      signal,
      revision: this.#part.revision,
      buildArn: this.#job.buildArn,
      tell: (line: string) => log.agent(line),
    };
    const targets = { primary: this.#job.artifacts, secondary: [] };
    this.#artifacts = await uploadArtifacts(targets, { primary: EVERYTHING, secondary: {} }, tools);
  }
}
