import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { START, World } from './testing/world.ts';

const pipelineName = 'demo';
let world: World;
beforeEach(async () => {
  world = new World();
  await world.start();
});
afterEach(() => world.end());

const facts = async () => (await world.own.explainPipeline({ pipelineName })).facts;
/** Without the ids, which are random. */
const texts = async (ids: Readonly<Record<string, string>> = {}) =>
  (await facts()).map(({ time, text }) => `${time} ${Object.entries(ids).reduce((all, [name, id]) => all.replaceAll(id, name), text)}`);

describe('why a pipeline does not run', () => {
  it('says what has never happened: no revision, no rule, a variable without a default', async () => {
    await world.create({ variables: { target: null }, stages: { Source: { actions: { Src: {} } }, Build: { actions: { Make: {} } } } });
    expect(await texts()).toEqual([
      'NOW Nothing runs, and nothing waits.',
      'NOW The pipeline has never run.',
      'NOW The source Source/Src has no revision yet: there is nothing to run on.',
      'ALWAYS The variable target has no default: only a start that gives it a value can start the pipeline, no change of a source can.',
      'ALWAYS The source Source/Src is watched: a new revision of it starts an execution.',
      'ALWAYS No EventBridge rule targets the pipeline.',
    ]);
    world.rules.set('nightly', true).set('old', false);
    expect((await texts()).slice(-2)).toEqual([
      'ALWAYS The EventBridge rule nightly starts the pipeline.',
      'ALWAYS The EventBridge rule old targets the pipeline, but is disabled: it starts nothing.',
    ]);
  });

  it('says that the newest revision was taken, and by whom', async () => {
    await world.create({ stages: { Source: { actions: { Src: { with: { Revision: 'r5' } } } }, Build: { actions: { Make: {} } } } });
    const taken = (await facts()).find(({ kind }) => kind === 'SOURCE_TAKEN');
    const [first] = (await world.api.listPipelineExecutions({ pipelineName })).pipelineExecutionSummaries!;
    expect(taken).toMatchObject({ revisionId: 'r5', pipelineExecutionId: first!.pipelineExecutionId, at: START });
  });
});

describe('what it waits for', () => {
  const approval = {
    stages: { Source: { actions: { Src: {} } }, Ask: { actions: { Boss: { approval: true, with: { CustomData: 'Ready?' } } } } },
  };

  it('an approval, the lock of its stage, and the newest supersedes', async () => {
    await world.create(approval);
    const a = await world.run('r1');
    await world.pass(60);
    const b = await world.run('r2');
    const c = await world.run('r3');
    expect((await texts({ a, b, c })).slice(0, 5)).toEqual([
      'NOW The execution c waits at the entrance of the stage Ask: the execution a is in it.',
      'NOW The execution a waits for the approval Ask/Boss (Ready?).',
      'NOW The source Source/Src has no revision yet: there is nothing to run on.',
      'PAST The execution c began: arn:aws:iam::000000000000:root started it, on the revision r3.',
      'PAST The execution b was superseded at the entrance of the stage Ask by the newer execution c.',
    ]);
    const [waits, asks] = await facts();
    expect(waits).toMatchObject({ kind: 'STAGE_LOCKED', otherExecutionId: a, at: START + 60_000 });
    expect(asks).toMatchObject({ kind: 'APPROVAL_WAITS', stageName: 'Ask', actionName: 'Boss', at: START, until: START + 7 * 86_400_000 });
  });

  it('a transition, with who disabled it, since when and why', async () => {
    await world.create(approval);
    const entrance = { pipelineName, stageName: 'Ask', transitionType: 'Inbound' } as const;
    await world.api.disableStageTransition({ ...entrance, reason: 'Friday' });
    expect((await texts())[1]).toBe(
      'NOW The transition into the stage Ask was disabled by arn:aws:iam::000000000000:root: nothing is let in. Reason: Friday',
    );
    const a = await world.run();
    expect((await facts())[0]).toMatchObject({
      kind: 'TRANSITION_DISABLED',
      text: `The execution ${a} waits at the entrance of the stage Ask: the transition into the stage Ask was disabled by arn:aws:iam::000000000000:root: nothing is let in. Reason: Friday`,
      pipelineExecutionId: a,
      by: 'arn:aws:iam::000000000000:root',
      reason: 'Friday',
    });
  });

  it('those before it, where they keep their order, and that it is being stopped', async () => {
    await world.create({
      type: 'V2',
      mode: 'QUEUED',
      stages: { Source: { actions: { Src: { with: { Seconds: '100' } } } }, Build: { actions: { Make: {} } } },
    });
    const [a, b, c] = [await world.run(), await world.run(), await world.run()];
    await world.api.stopPipelineExecution({ pipelineName, pipelineExecutionId: a, reason: 'wrong' });
    expect((await texts({ a, b, c })).slice(0, 5)).toEqual([
      'NOW The execution c waits at the entrance of the stage Source: the execution a is in it.',
      'NOW The execution c waits at the entrance of the stage Source: the execution b goes in before it.',
      'NOW The execution b waits at the entrance of the stage Source: the execution a is in it.',
      'NOW The execution a is being stopped (wrong): its running actions end first.',
      'NOW The execution a runs the action Source/Src.',
    ]);
  });
});

it('says why the last one failed, and what was skipped or stopped', async () => {
  const skip = { result: 'SKIP' as const, rules: { Never: { VariableCheck: { Variable: 'a', Value: 'b', Operator: 'EQ' } } } };
  await world.create({
    type: 'V2',
    stages: {
      Source: { actions: { Src: {} } },
      Maybe: { beforeEntry: skip, actions: { Never: {} } },
      Build: { actions: { Make: { with: { Result: 'Failed', Message: 'it did not compile' } } } },
    },
  });
  const a = await world.run();
  const past = (await facts()).filter(({ time }) => time === 'PAST');
  expect(past[0]).toMatchObject({
    kind: 'EXECUTION_FAILED',
    text: `The execution ${a} failed because the action Build/Make failed (JobFailed): it did not compile`,
    stageName: 'Build',
    actionName: 'Make',
    errorCode: 'JobFailed',
    errorMessage: 'it did not compile',
  });
  expect(past[1]).toMatchObject({ kind: 'STAGE_SKIPPED', stageName: 'Maybe' });
});
