import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contextOf, FURNACE, lineOf, WorkerWorld } from '../testing/workers.ts';

let world: WorkerWorld;
beforeEach(async () => {
  world = await new WorkerWorld().start();
  await world.furnace();
});
afterEach(() => world.close());

const ctx = contextOf();
const FORGE = { category: 'Build', owner: 'ThirdParty', provider: 'Forge', version: '1' } as const;
const bounds = { minimumCount: 0, maximumCount: 1 };

/** A third party's type and a pipeline that has come to it. */
async function forge(): Promise<string> {
  const executor = { type: 'JobWorker', configuration: { jobWorkerExecutorConfiguration: {} } } as const;
  const actionType = { id: FORGE, executor, inputArtifactDetails: bounds, outputArtifactDetails: bounds };
  await world.api.updateActionType({ actionType }, ctx);
  await world.line('forge', {}, FORGE);
  const { jobs } = await world.api.pollForThirdPartyJobs({ actionTypeId: FORGE }, ctx);
  return jobs![0]!.jobId!;
}

describe('jobs belong to an account and a region', () => {
  it.each([contextOf('999999999999'), contextOf(undefined, 'eu-west-1')])('nobody else reaches them', async (stranger) => {
    await world.line('steel', { Alloy: 'steel', Password: 's3cret' });
    const job = await world.take();
    const jobId = job.id!;
    const unknown = { code: 'JobNotFoundException' };
    await expect(world.api.getJobDetails({ jobId }, stranger)).rejects.toMatchObject(unknown);
    await expect(world.api.acknowledgeJob({ jobId, nonce: job.nonce! }, stranger)).rejects.toMatchObject(unknown);
    await expect(world.api.putJobSuccessResult({ jobId }, stranger)).rejects.toMatchObject(unknown);
    const failureDetails = { type: 'JobFailed', message: 'm' } as const;
    await expect(world.api.putJobFailureResult({ jobId, failureDetails }, stranger)).rejects.toMatchObject(unknown);
    await world.api.putJobSuccessResult({ jobId }, ctx);
  });
});

describe("a third party's job", () => {
  it('is not reached without the token, by the calls for custom actions', async () => {
    const jobId = await forge();
    const unknown = { code: 'JobNotFoundException' };
    await expect(world.api.getJobDetails({ jobId }, ctx)).rejects.toMatchObject(unknown);
    await expect(world.api.putJobSuccessResult({ jobId }, ctx)).rejects.toMatchObject(unknown);
    // https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PollForJobs.html: an error for owners other than Custom.
    await expect(world.api.pollForJobs({ actionTypeId: FORGE }, ctx)).rejects.toMatchObject({ code: 'ActionTypeNotFoundException' });
  });

  it('and a custom one not by the calls for third parties', async () => {
    await world.line('steel', { Alloy: 'steel' });
    const polled = world.api.pollForThirdPartyJobs({ actionTypeId: FURNACE }, ctx);
    await expect(polled).rejects.toMatchObject({ code: 'ActionTypeNotFoundException' });
  });
});

describe('PollForJobs', () => {
  it('finds the one job that matches among many that do not', async () => {
    await world.api.createPipeline(
      { pipeline: { ...lineOf('many', { Alloy: 'tin' }), pipelineType: 'V2', executionMode: 'PARALLEL' } },
      ctx,
    );
    for (let n = 0; n < 110; n++) await world.api.startPipelineExecution({ name: 'many' }, ctx);
    await world.settle();
    await world.line('one', { Alloy: 'gold' });
    const [job] = await world.poll({ Alloy: 'gold' });
    expect(job!.data!.pipelineContext!.pipelineName).toBe('one');
  });

  it('refuses to ask by what is not queryable', async () => {
    const asked = world.poll({ Note: 'x' });
    await expect(asked).rejects.toMatchObject({ code: 'ValidationException' });
  });

  it('writes nothing where there is nothing to hand out', async () => {
    const written: unknown[] = [];
    const { commits } = world;
    const commit = commits.commit.bind(commits);
    commits.commit = (unit) => {
      written.push(unit);
      return commit(unit);
    };
    expect(await world.poll()).toEqual([]);
    expect(written).toEqual([]);
  });
});
