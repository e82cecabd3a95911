import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { World } from './testing/world.ts';

const pipelineName = 'demo';
let world: World;
beforeEach(async () => {
  world = new World();
  await world.start();
});
afterEach(() => world.end());

const LINE = {
  variables: { target: 'blue' },
  stages: {
    Source: { actions: { Src: { out: ['code'], namespace: 'src', with: { Variables: '{"branch":"main"}' } } } },
    Build: { actions: { Make: { in: ['code'], out: ['app'], namespace: 'made', with: { Variables: '{"tag":"t1"}' } } } },
    Deploy: { actions: { Ship: { in: ['app'], with: { Message: '#{made.tag} to #{variables.target} of #{src.branch}' } } } },
  },
};
const inputs = async (id: string, action: string) => {
  const { resolvedConfiguration, inputArtifacts } = (await world.action(id, action))!.input!;
  return { resolvedConfiguration, inputArtifacts };
};

describe('a replay', () => {
  it('goes on after the sources, on the recorded revisions, artifacts, variables and structure', async () => {
    await world.create(LINE);
    const first = await world.run('r7');
    await world.api.updatePipeline({
      pipeline: { ...(await world.api.getPipeline({ name: pipelineName })).pipeline!, pipelineType: 'V2' },
    });
    await world.run('r8');
    const replay = await world.own.replayPipelineExecution({ pipelineName, pipelineExecutionId: first });
    expect(replay).toMatchObject({ stageName: 'Build', pipelineVersion: 1 });
    await world.settle();
    const id = replay.pipelineExecutionId;
    const { pipelineExecution } = await world.api.getPipelineExecution({ pipelineName, pipelineExecutionId: id });
    expect(pipelineExecution).toMatchObject({
      status: 'Succeeded',
      pipelineVersion: 1,
      artifactRevisions: [{ name: 'code', revisionId: 'r7' }],
      trigger: {
        triggerType: 'StartPipelineExecution',
        triggerDetail: expect.stringContaining(`Replay of the execution ${first} by arn:aws:iam`),
      },
    });
    expect(await world.action(id, 'Src')).toBeUndefined();
    expect(await inputs(id, 'Make')).toEqual(await inputs(first, 'Make'));
    // What the replay makes itself it makes anew.
    expect((await inputs(id, 'Ship')).resolvedConfiguration).toEqual({ Message: 't1 to blue of main' });
    expect((await inputs(id, 'Ship')).inputArtifacts).not.toEqual((await inputs(first, 'Ship')).inputArtifacts);
  });

  it('begins where it is told, on what had been made before that', async () => {
    await world.create(LINE);
    const first = await world.run();
    const { pipelineExecutionId: id } = await world.own.replayPipelineExecution({
      pipelineName,
      pipelineExecutionId: first,
      stageName: 'Deploy',
    });
    await world.settle();
    expect(await world.status(id)).toBe('Succeeded');
    expect(await inputs(id, 'Ship')).toEqual(await inputs(first, 'Ship'));
  });

  it('is refused where something it needs was never made, and says what', async () => {
    const failing = { ...LINE.stages, Build: { actions: { Make: { ...LINE.stages.Build.actions.Make, with: { Result: 'Failed' } } } } };
    await world.create({ ...LINE, stages: failing });
    const pipelineExecutionId = await world.run();
    const replay = (stageName: string) => world.own.replayPipelineExecution({ pipelineName, pipelineExecutionId, stageName });
    await expect(replay('Deploy')).rejects.toMatchObject({
      code: 'NotReplayableException',
      message: `The execution '${pipelineExecutionId}' never made what the stage 'Deploy' needs: the artifact app, the variables of made.`,
    });
    await expect(replay('Source')).rejects.toMatchObject({ code: 'NotReplayableException' });
    await expect(replay('Absent')).rejects.toMatchObject({ code: 'StageNotFoundException' });
    await expect(world.own.replayPipelineExecution({ pipelineName, pipelineExecutionId: 'x' })).rejects.toMatchObject({
      code: 'PipelineExecutionNotFoundException',
    });
  });

  it('fails by the name of an artifact that is gone', async () => {
    await world.create(LINE);
    const first = await world.run();
    const { bucket, key } = (await world.action(first, 'Make'))!.input!.inputArtifacts![0]!.s3location!;
    world.deleted.add(`${bucket}/${key}`);
    const { pipelineExecutionId: id } = await world.own.replayPipelineExecution({ pipelineName, pipelineExecutionId: first });
    await world.settle();
    expect((await world.action(id, 'Make'))?.output?.executionResult?.errorDetails).toEqual({
      code: 'ConfigurationError',
      message: `The input artifact code is gone: there is no object ${key} in the bucket ${bucket} any more.`,
    });
  });
});

describe('an action again', () => {
  const again = async (execution: string, action: string) => {
    const { actionExecutionId = '' } = (await world.action(execution, action))!;
    const { pipelineExecutionId } = await world.own.rerunAction({ pipelineName, actionExecutionId });
    await world.settle();
    return pipelineExecutionId;
  };

  it('runs alone, on exactly what it had, and its execution ends with it', async () => {
    await world.create(LINE);
    const first = await world.run();
    const id = await again(first, 'Make');
    expect(await world.status(id)).toBe('Succeeded');
    expect(await inputs(id, 'Make')).toEqual(await inputs(first, 'Make'));
    const { actionExecutionDetails } = await world.api.listActionExecutions({ pipelineName, filter: { pipelineExecutionId: id } });
    expect(actionExecutionDetails).toHaveLength(1);
    // Again of an again is the same.
    expect(await inputs(await again(id, 'Make'), 'Make')).toEqual(await inputs(first, 'Make'));
  });

  it('takes a source’s revision of then, and is no news of that source', async () => {
    await world.create(LINE);
    const first = await world.run('r1');
    const put = async () => {
      const actionRevision = { revisionId: 'r2', revisionChangeId: 'r2', created: 0 };
      const answer = await world.api.putActionRevision({ pipelineName, stageName: 'Source', actionName: 'Src', actionRevision });
      await world.settle();
      return answer.newRevision;
    };
    expect(await put()).toBe(true);
    const id = await again(first, 'Src');
    const { pipelineExecution } = await world.api.getPipelineExecution({ pipelineName, pipelineExecutionId: id });
    expect(pipelineExecution?.artifactRevisions).toMatchObject([{ revisionId: 'r1' }]);
    expect(await put()).toBe(false);
  });

  it('waits for its stage as others do', async () => {
    const slow = { ...LINE.stages, Build: { actions: { Make: { ...LINE.stages.Build.actions.Make, with: { Seconds: '10' } } } } };
    await world.create({ stages: { ...slow, Deploy: { actions: { Ship: { in: ['app'] } } } } });
    const first = await world.run();
    await world.pass(10);
    expect(await world.status(first)).toBe('Succeeded');
    await world.run();
    const id = await again(first, 'Make');
    expect(await world.action(id, 'Make')).toBeUndefined();
    await world.pass(10);
    expect((await world.action(id, 'Make'))?.status).toBe('InProgress');
    await world.pass(10);
    expect(await world.status(id)).toBe('Succeeded');
  });

  it('is refused while it runs, and where there is no such', async () => {
    await world.create({ stages: { Source: { actions: { Src: {} } }, Build: { actions: { Make: { with: { Seconds: '10' } } } } } });
    const id = await world.run();
    await expect(again(id, 'Make')).rejects.toMatchObject({ code: 'NotReplayableException' });
    await expect(world.own.rerunAction({ pipelineName, actionExecutionId: 'x' })).rejects.toMatchObject({
      code: 'ActionExecutionNotFoundException',
    });
  });
});
