import { afterEach, beforeEach, expect, it } from 'vitest';
import { codeBuildProviders } from '../../../actions/codebuild/index.ts';
import type { ActionProvider } from '../provider.ts';
import { START, World } from './testing/world.ts';

const pipelineName = 'demo';
/** A dummy under CodeBuild's name: it ends when its time has passed, and its build is the world's. */
const build: ActionProvider = {
  ...codeBuildProviders[0]!,
  artifacts: { inputs: { min: 0, max: 5 }, outputs: { min: 0, max: 5 } },
  start: async (_job, { clock }) => ({ kind: 'running', ref: { id: 'b:1' }, wakeOn: [], wakeAt: clock.now() + 60_000 }),
  poll: async (_job, ref) => ({ kind: 'succeeded', ref, variables: {} }),
};

let world: World;
beforeEach(async () => {
  world = new World([build]);
  await world.start();
});
afterEach(() => world.end());

const timing = async (pipelineExecutionId?: string) => {
  const answer = await world.own.getExecutionTiming({ pipelineName, ...(pipelineExecutionId !== undefined && { pipelineExecutionId }) });
  // Everywhere: the parts are the whole.
  expect(answer.spans.reduce((sum, { millis }) => sum + millis, 0)).toBe(answer.totalMillis);
  expect(answer.totals.reduce((sum, { millis }) => sum + millis, 0)).toBe(answer.totalMillis);
  return answer;
};
const said = async (id?: string) =>
  (await timing(id)).spans.map(({ kind, stageName, name, millis }) => `${kind} ${stageName}/${name} ${millis / 1000}`);

it('tells sources, entrances, conditions, actions and people apart', async () => {
  await world.create({
    type: 'V2',
    stages: {
      Source: { actions: { Src: { with: { Seconds: '5' } } } },
      Build: { actions: { Make: { with: { Seconds: '20' } }, Lint: { with: { Seconds: '8' } } } },
      Ask: { actions: { Boss: { approval: true } } },
    },
  });
  const entrance = { pipelineName, stageName: 'Build', transitionType: 'Inbound' } as const;
  await world.api.disableStageTransition({ ...entrance, reason: 'not yet' });
  const id = await world.run();
  await world.pass(15);
  expect(await said()).toEqual(['SOURCE Source/Src 5', 'LOCK Build/stage lock 0', 'TRANSITION Build/disabled transition 10']);
  await world.api.disableStageTransition({ ...entrance, reason: 'still not' });
  await world.pass(5);
  await world.api.enableStageTransition(entrance);
  await world.settle();
  await world.pass(20 + 40);
  const { stageStates } = await world.api.getPipelineState({ name: pipelineName });
  const token = stageStates![2]!.actionStates![0]!.latestExecution!.token!;
  await world.api.putApprovalResult({
    pipelineName,
    stageName: 'Ask',
    actionName: 'Boss',
    token,
    result: { status: 'Approved', summary: '' },
  });
  await world.settle();
  await world.pass(100);
  expect(await timing(id)).toMatchObject({ status: 'Succeeded', startTime: START, endTime: START + 80_000, totalMillis: 80_000 });
  expect((await timing(id)).totals).toEqual([
    { kind: 'APPROVAL', millis: 40_000 },
    { kind: 'ACTION', millis: 20_000 },
    { kind: 'TRANSITION', millis: 15_000 },
    { kind: 'SOURCE', millis: 5_000 },
    { kind: 'LOCK', millis: 0 },
  ]);
});

it('takes builds apart into queue, provisioning and phases, and waits for the stage’s lock', async () => {
  const pipeline = { stages: { Source: { actions: { Src: {} } }, Build: { actions: { Make: {} } } } };
  await world.create(pipeline);
  const declared = (await world.api.getPipeline({ name: pipelineName })).pipeline!;
  const [source, stage] = declared.stages;
  const actions = [{ ...stage!.actions[0]!, actionTypeId: build.type, configuration: { ProjectName: 'p' } }];
  await world.api.updatePipeline({ pipeline: { ...declared, stages: [source!, { ...stage!, actions }] } });
  const phase = (phaseType: 'QUEUED' | 'PROVISIONING' | 'BUILD', from: number, to: number) => {
    return { phaseType, startTime: START + from * 1000, endTime: START + to * 1000 };
  };
  world.builds.push({ id: 'b:1', phases: [phase('QUEUED', 1, 11), phase('PROVISIONING', 11, 15), phase('BUILD', 15, 59)] });
  const first = await world.run();
  await world.pass(30);
  const second = await world.run();
  await world.pass(30);
  expect(await said(first)).toEqual([
    'ENGINE Build/around the build 2',
    'QUEUE Build/QUEUED 10',
    'PROVISIONING Build/PROVISIONING 4',
    'BUILD_PHASE Build/BUILD 44',
  ]);
  expect((await said(second))[0]).toBe('LOCK Build/stage lock 30');
});

it('counts a pause until a retry, and knows no execution that is not there', async () => {
  await world.create({ stages: { Source: { actions: { Src: {} } }, Build: { actions: { Make: { with: { FailAttempts: '1' } } } } } });
  const id = await world.run();
  await world.pass(25);
  await world.api.retryStageExecution({ pipelineName, stageName: 'Build', pipelineExecutionId: id, retryMode: 'FAILED_ACTIONS' });
  await world.settle();
  expect(await world.status(id)).toBe('Succeeded');
  expect((await said(id)).filter((line) => !line.endsWith(' 0'))).toEqual(['RETRY Build/until it was retried 25']);
  await expect(timing('absent')).rejects.toMatchObject({ code: 'PipelineExecutionNotFoundException' });
});
