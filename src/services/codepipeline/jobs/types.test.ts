import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CreateCustomActionTypeInput } from '../api.gen.ts';
import { contextOf, FURNACE, lineOf, NOTHING, WorkerWorld } from '../testing/workers.ts';

let world: WorkerWorld;
beforeEach(async () => {
  world = await new WorkerWorld().start();
});
afterEach(() => world.close());

const ctx = contextOf();
const { category, provider, version } = FURNACE;
const NAMED = { category, provider, version };
const kiln: CreateCustomActionTypeInput = {
  category,
  provider: 'Kiln',
  version: '1',
  inputArtifactDetails: NOTHING,
  outputArtifactDetails: NOTHING,
};
const create = (more: Partial<CreateCustomActionTypeInput> = {}) => world.api.createCustomActionType({ ...kiln, ...more }, ctx);
const property = { name: 'Heat', key: false, secret: false, required: false };
const invalid = { code: 'ValidationException' };

describe('a deleted type', () => {
  beforeEach(() => world.furnace());
  const deleted = () => world.api.deleteCustomActionType(NAMED, ctx);

  it('comes back only as what it was', async () => {
    await deleted();
    const other = create({ provider });
    await expect(other).rejects.toMatchObject(invalid);
    await world.furnace();
    const { actionTypes } = await world.api.listActionTypes({ actionOwnerFilter: 'Custom' }, ctx);
    expect(actionTypes.map(({ id }) => id.provider)).toContain('Furnace');
    await expect(world.furnace()).rejects.toMatchObject(invalid);
  });

  it('lets the worker that has a job end it', async () => {
    const execution = await world.line('steel', { Alloy: 'steel' });
    const job = await world.take();
    await deleted();
    await world.api.putJobSuccessResult({ jobId: job.id! }, ctx);
    await world.settle();
    expect((await world.action('steel', execution)).status).toBe('Succeeded');
  });

  it('fails what waits for a worker, and what comes to it later: nobody can poll for it', async () => {
    const waiting = await world.line('steel', { Alloy: 'steel' });
    await deleted();
    await world.settle();
    const error = { output: { executionResult: { errorDetails: { code: 'ConfigurationError' } } } };
    expect(await world.action('steel', waiting)).toMatchObject({ status: 'Failed', ...error });
    const later = await world.run('steel');
    expect(await world.action('steel', later)).toMatchObject({ status: 'Failed', ...error });
  });

  it('is still known after a restart', async () => {
    await deleted();
    await world.restart();
    await expect(world.api.createPipeline({ pipeline: lineOf('late', { Alloy: 'tin' }) }, ctx)).rejects.toMatchObject({
      code: 'InvalidActionDeclarationException',
    });
  });
});

describe('what a type may not be', () => {
  const queryable = { ...property, queryable: true };
  const required = { ...property, required: true };
  it.each<[string, Partial<CreateCustomActionTypeInput>]>([
    [
      'two queryable properties',
      {
        configurationProperties: [
          { ...queryable, required: true },
          { ...queryable, required: true, name: 'Other' },
        ],
      },
    ],
    ['a queryable property that is optional', { configurationProperties: [queryable] }],
    ['a queryable secret', { configurationProperties: [{ ...queryable, required: true, secret: true }] }],
    ['two properties of one name', { configurationProperties: [property, property] }],
    ['a minimum above the maximum', { inputArtifactDetails: { minimumCount: 2, maximumCount: 1 } }],
    ['a link with an unknown property', { settings: { entityUrlTemplate: 'https://kiln/{Config:Heat}' } }],
    [
      'a link with an optional property',
      { configurationProperties: [property], settings: { entityUrlTemplate: 'https://kiln/{Config:Heat}' } },
    ],
    [
      'a link with a secret',
      { configurationProperties: [{ ...required, secret: true }], settings: { executionUrlTemplate: 'https://kiln/{Config:Heat}' } },
    ],
    ["one of Pipewright's own", { category: 'Source', provider: 'Now' }],
  ])('%s', async (_, input) => {
    await expect(create(input)).rejects.toMatchObject(invalid);
  });
});

describe('values of a configuration', () => {
  it.each([
    ['Number', '12', '12 degrees'],
    ['Boolean', 'true', 'yes'],
  ] as const)('are a %s where the property says so', async (type, right, wrong) => {
    await create({
      provider,
      configurationProperties: [{ ...property, type }],
      inputArtifactDetails: { minimumCount: 0, maximumCount: 1 },
      outputArtifactDetails: { minimumCount: 0, maximumCount: 1 },
    });
    const made = (name: string, Heat: string) => world.api.createPipeline({ pipeline: lineOf(name, { Heat }) }, ctx);
    await expect(made('wrong', wrong)).rejects.toMatchObject({ code: 'InvalidActionDeclarationException' });
    await made('right', right);
    await made('variable', '#{now.Given}');
  });

  it('have twenty characters at most where workers ask by them', async () => {
    await world.furnace();
    const made = (Alloy: string) => world.api.createPipeline({ pipeline: lineOf('steel', { Alloy }) }, ctx);
    for (const wrong of ['a'.repeat(21), 'a b', ''])
      await expect(made(wrong)).rejects.toMatchObject({ code: 'InvalidActionDeclarationException' });
    await made('a'.repeat(20));
  });
});

describe('links', () => {
  it('lead to the entity, and to the run once the worker has named it', async () => {
    await world.furnace();
    await world.line('steel', { Alloy: 'steel' });
    const job = await world.take();
    const state = async () => (await world.api.getPipelineState({ name: 'steel' }, ctx)).stageStates![1]!.actionStates![0]!;
    expect((await state()).entityUrl).toBe('https://furnace.example.com/alloys/steel');
    const executionDetails = { externalExecutionId: 'run-1', percentComplete: 40 };
    await world.api.putJobSuccessResult({ jobId: job.id!, continuationToken: 'c', executionDetails }, ctx);
    const run = { externalExecutionId: 'run-1', externalExecutionUrl: 'https://furnace.example.com/runs/run-1', percentComplete: 40 };
    expect((await state()).latestExecution).toMatchObject({ status: 'InProgress', ...run });
  });
});

describe('a third party', () => {
  const bounds = { inputArtifactDetails: NOTHING, outputArtifactDetails: NOTHING };
  const id = { category: 'Build', owner: 'ThirdParty', provider: 'Forge', version: '1' } as const;

  it('has to wait for Lambda', async () => {
    const configuration = { lambdaExecutorConfiguration: { lambdaFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:f' } };
    const actionType = { id, executor: { type: 'Lambda', configuration } as const, ...bounds };
    await expect(world.api.updateActionType({ actionType }, ctx)).rejects.toMatchObject({
      ...invalid,
      message: expect.stringContaining('Lambda'),
    });
  });

  it('says in seconds how long a worker may have a job', async () => {
    const executor = { type: 'JobWorker', configuration: {}, jobTimeout: 120 } as const;
    const one = { minimumCount: 0, maximumCount: 1 };
    await world.api.updateActionType({ actionType: { id, executor, inputArtifactDetails: one, outputArtifactDetails: one } }, ctx);
    const execution = await world.line('forge', {}, id);
    const poll = async () => (await world.api.pollForThirdPartyJobs({ actionTypeId: id }, ctx)).jobs!;
    expect(await poll()).toHaveLength(1);
    world.clock.advance(61_000);
    const [job] = await poll();
    const { clientToken } = await world.clientOf(id);
    const jobId = job!.jobId!;
    const { jobDetails } = await world.api.getThirdPartyJobDetails({ jobId, clientToken }, ctx);
    await world.api.acknowledgeThirdPartyJob({ jobId, clientToken, nonce: jobDetails!.nonce! }, ctx);
    world.clock.advance(119_000);
    expect(await poll()).toEqual([]);
    world.clock.advance(2_000);
    expect(await poll()).toHaveLength(1);
    const late = world.api.getThirdPartyJobDetails({ jobId: 'nobody', clientToken }, ctx);
    await expect(late).rejects.toMatchObject({ code: 'JobNotFoundException' });
    // The action itself has a day.
    expect((await world.action('forge', execution)).status).toBe('InProgress');
  });
});

describe('tags', () => {
  it('go with the type', async () => {
    await create({ tags: [{ key: 'team', value: 'heat' }] });
    const resourceArn = `arn:aws:codepipeline:us-east-1:${ctx.account}:actiontype:Custom/Build/Kiln/1`;
    expect(await world.api.listTagsForResource({ resourceArn }, ctx)).toEqual({ tags: [{ key: 'team', value: 'heat' }] });
    await world.api.untagResource({ resourceArn, tagKeys: ['team'] }, ctx);
    expect(await world.api.listTagsForResource({ resourceArn }, ctx)).toEqual({ tags: [] });
    const many = Array.from({ length: 51 }, (_, n) => ({ key: `k${n}`, value: 'v' }));
    await expect(create({ version: '2', tags: many })).rejects.toMatchObject({ code: 'TooManyTagsException' });
  });
});
