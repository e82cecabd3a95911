import type { Batchspec } from '../../pipewright/api.gen.ts';
import type { BuildBatch, ProjectBuildBatchConfig, StartBuildBatchInput } from '../api.gen.ts';
import { context, World } from './world.ts';

export const RUNNER = { runnerId: 'runner', instanceId: 'instance' };

export const task = (identifier: string, more: Partial<Batchspec['tasks'][number]> = {}): Batchspec['tasks'][number] => ({
  identifier,
  dependsOn: [],
  ignoreFailure: false,
  variables: [],
  ...more,
});
export const TWO: Batchspec = { fastFail: false, tasks: [task('a'), task('b', { dependsOn: ['a'] })] };

/** Batches on a real database and engine, whose runner the test plays. */
export class Batches extends World {
  async project(name: string, buildBatchConfig: ProjectBuildBatchConfig = { serviceRole: 'batches' }): Promise<void> {
    await this.call('createProject', {
      name,
      source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\n' },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: 'builds',
      buildBatchConfig,
    });
  }

  async begin(projectName: string, input: Partial<StartBuildBatchInput> = {}): Promise<string> {
    const { buildBatch } = await this.call('startBuildBatch', { projectName, ...input });
    return buildBatch!.id!;
  }

  async get(id: string): Promise<BuildBatch> {
    return (await this.call('batchGetBuildBatches', { ids: [id] })).buildBatches![0]!;
  }

  /** The next build that waits, and which part of its batch it is; waits for effects that are on their way. */
  async lease() {
    for (let turn = 0; turn < 1000; turn++) {
      const { job } = await this.runner.leaseBuild(RUNNER, context);
      if (job) return job;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error('no build waits');
  }

  async complete(buildArn: string, buildStatus: 'SUCCEEDED' | 'FAILED', batchspec?: Batchspec): Promise<void> {
    await this.runner.completeBuild({ buildArn, epoch: 1, buildStatus, phases: [], ...(batchspec && { batchspec }) }, context);
  }

  async until(id: string, fits: (batch: BuildBatch) => boolean): Promise<BuildBatch> {
    for (let turn = 0; turn < 1000; turn++) {
      const batch = await this.get(id);
      if (fits(batch)) return batch;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`the batch stays ${JSON.stringify(await this.get(id))}`);
  }

  ended(id: string): Promise<BuildBatch> {
    return this.until(id, ({ complete }) => complete === true);
  }

  /** A batch of this project that has run through. */
  async ran(project: string, statuses: readonly ('SUCCEEDED' | 'FAILED')[] = ['SUCCEEDED', 'SUCCEEDED']): Promise<BuildBatch> {
    const id = await this.begin(project);
    await this.complete((await this.lease()).buildArn, 'SUCCEEDED', TWO);
    for (const status of statuses) await this.complete((await this.lease()).buildArn, status);
    return this.ended(id);
  }
}
