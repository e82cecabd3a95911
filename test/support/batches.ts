import {
  BatchGetBuildBatchesCommand,
  BatchGetBuildsCommand,
  StartBuildBatchCommand,
  type Build,
  type BuildBatch,
  type BuildGroup,
  type CreateProjectCommandInput,
  type StartBuildBatchCommandInput,
} from '@aws-sdk/client-codebuild';
import { BuildServer } from './builds.ts';

const CONFIG = { serviceRole: 'arn:aws:iam::000000000000:role/batches' };

/** A real server with its runner child, for batches. */
export class BatchServer extends BuildServer {
  /** Begins a batch of a project of its own. */
  async beginBatch(
    buildspec: string,
    input: Partial<StartBuildBatchCommandInput> = {},
    project: Partial<CreateProjectCommandInput> = {},
  ): Promise<BuildBatch> {
    const projectName = await this.project(buildspec, { buildBatchConfig: CONFIG, ...project });
    return (await this.codebuild.send(new StartBuildBatchCommand({ projectName, ...input }))).buildBatch!;
  }

  async getBatch(id: string): Promise<BuildBatch> {
    return (await this.codebuild.send(new BatchGetBuildBatchesCommand({ ids: [id] }))).buildBatches![0]!;
  }

  /** The batch once it fits. */
  async untilBatch(id: string, fits: (batch: BuildBatch) => boolean): Promise<BuildBatch> {
    for (;;) {
      const batch = await this.getBatch(id);
      if (fits(batch)) return batch;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  batchEnded(id: string): Promise<BuildBatch> {
    return this.untilBatch(id, ({ complete }) => complete === true);
  }

  async runBatch(...args: Parameters<BatchServer['beginBatch']>): Promise<BuildBatch> {
    const { id } = await this.beginBatch(...args);
    return this.batchEnded(id!);
  }

  /** The current build of a group. */
  async buildOf(batch: BuildBatch, identifier: string): Promise<Build> {
    const { builds } = await this.codebuild.send(
      new BatchGetBuildsCommand({ ids: [groupOf(batch, identifier).currentBuildSummary!.arn!] }),
    );
    return builds![0]!;
  }
}

export function groupOf(batch: BuildBatch, identifier: string): BuildGroup {
  return batch.buildGroups!.find((group) => group.identifier === identifier)!;
}

/** `IDENTIFIER STATUS` of each group, the reading of the batchspec left out. */
export const groupsOf = (batch: BuildBatch): string[] =>
  batch
    .buildGroups!.filter(({ identifier }) => identifier !== 'DOWNLOAD_SOURCE')
    .map(({ identifier, currentBuildSummary }) => `${identifier} ${currentBuildSummary!.buildStatus}`);

export const batchPhases = (batch: BuildBatch): string[] =>
  batch.phases!.map(({ phaseType, phaseStatus }) => `${phaseType} ${phaseStatus ?? ''}`.trim());
