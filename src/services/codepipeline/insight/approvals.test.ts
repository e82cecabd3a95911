import { afterEach, beforeEach, expect, it } from 'vitest';
import { dummyProviders } from '../../../actions/dummy/index.ts';
import type { ActionProvider, SourceChanges } from '../provider.ts';
import { World } from './testing/world.ts';

const pipelineName = 'demo';
const asked: (string | undefined)[][] = [];
const nothing = { moreCommits: false, files: [], filesChanged: 0, insertions: 0, deletions: 0 };
/** The dummy source with a history: its revisions are r1, r2, … in this order. */
const source: ActionProvider = {
  ...dummyProviders()[0]!,
  type: { category: 'Source', owner: 'Custom', provider: 'History', version: '1' },
  async changes(_configuration, from, to): Promise<SourceChanges> {
    asked.push([from, to]);
    if (to === 'r13') throw new Error('the repository is gone');
    return {
      relation: from === undefined ? 'FIRST' : 'AHEAD',
      commits: [{ commitId: to, author: 'Ann', at: 1, subject: `Make ${to}` }],
      ...nothing,
    };
  },
};

let world: World;
beforeEach(async () => {
  asked.length = 0;
  world = new World([source]);
  await world.start();
});
afterEach(() => world.end());

const create = async (mode: 'SUPERSEDED' | 'PARALLEL' = 'SUPERSEDED') => {
  const stages = { Source: { actions: { Src: {} } }, Ask: { actions: { Boss: { approval: true, with: { CustomData: 'Ready?' } } } } };
  await world.create({ type: 'V2', mode, stages });
  const declared = (await world.api.getPipeline({ name: pipelineName })).pipeline!;
  const [first, ...rest] = declared.stages;
  await world.api.updatePipeline({
    pipeline: { ...declared, stages: [{ ...first!, actions: [{ ...first!.actions[0]!, actionTypeId: source.type }] }, ...rest] },
  });
};
const approve = async (token: string) => {
  const result = { status: 'Approved', summary: '' } as const;
  await world.api.putApprovalResult({ pipelineName, stageName: 'Ask', actionName: 'Boss', token, result });
  await world.settle();
};
const pending = async () => (await world.own.describeApproval({ pipelineName })).approvals;

it('names what changed since the last success of its stage, and the newest that waits behind it', async () => {
  await create();
  const a = await world.run('r1');
  const [first] = await pending();
  expect(first).toMatchObject({
    pipelineExecutionId: a,
    stageName: 'Ask',
    actionName: 'Boss',
    message: 'Ready?',
    executionMode: 'SUPERSEDED',
  });
  expect(first!.sources).toMatchObject([{ actionName: 'Src', revisionId: 'r1', relation: 'FIRST' }]);
  expect(first).not.toHaveProperty('newest');
  await approve(first!.token);
  const b = await world.run('r2');
  await world.run('r3');
  await world.pass(5);
  const d = await world.run('r4');
  const [second] = await pending();
  expect(second).toMatchObject({
    pipelineExecutionId: b,
    lastSuccessExecutionId: a,
    sources: [{ revisionId: 'r2', previousRevisionId: 'r1', relation: 'AHEAD', commits: [{ author: 'Ann', subject: 'Make r2' }] }],
    newest: { pipelineExecutionId: d, transitionEnabled: true, revisions: [{ actionName: 'Src', revisionId: 'r4' }] },
    otherActions: [],
  });
  expect(asked).toEqual([
    [undefined, 'r1'],
    ['r1', 'r2'],
  ]);
});

it('still tells the revision where its history cannot be read', async () => {
  await create();
  await world.run('r13');
  expect((await pending())[0]!.sources).toMatchObject([
    { revisionId: 'r13', relation: 'FIRST', note: 'What changed could not be read: the repository is gone' },
  ]);
});

it('lists every approval that fits: in PARALLEL mode each execution has its own', async () => {
  await create('PARALLEL');
  const [a, b] = [await world.run('r1'), await world.run('r2')];
  expect((await pending()).map(({ pipelineExecutionId }) => pipelineExecutionId)).toEqual([a, b]);
  const one = await world.own.describeApproval({ pipelineName, pipelineExecutionId: b, stageName: 'Ask', actionName: 'Boss' });
  expect(one.approvals).toHaveLength(1);
  expect(one.approvals[0]).not.toHaveProperty('newest');
  expect((await world.own.describeApproval({ pipelineName, stageName: 'Source' })).approvals).toEqual([]);
});
