import { afterEach, beforeEach, expect, it } from 'vitest';
import { statement } from '../../../ports/database.ts';
import type { ActionTypeId, PipelineDeclaration } from '../api.gen.ts';
import { contextOf, FURNACE, lineOf, WorkerWorld } from '../testing/workers.ts';

const WORD = 'correct-horse-battery';
let world: WorkerWorld;
beforeEach(async () => {
  world = await new WorkerWorld().start();
  await world.furnace();
});
afterEach(() => world.close());

const ctx = contextOf();
const shown = async (): Promise<PipelineDeclaration> => (await world.api.getPipeline({ name: 'steel' }, ctx)).pipeline!;

it('are in no table and in no answer but the job', async () => {
  const execution = await world.line('steel', { Alloy: 'steel', Password: WORD });
  const job = await world.take();
  expect(job.data!.actionConfiguration!.configuration).toMatchObject({ Password: WORD });
  await world.api.putJobSuccessResult({ jobId: job.id! }, ctx);
  await world.settle();
  const answers = [await shown(), await world.action('steel', execution), await world.api.getPipelineState({ name: 'steel' }, ctx)];
  expect(JSON.stringify(answers)).not.toContain(WORD);
  expect(JSON.stringify(answers)).not.toContain('pipewright-sealed');
  const tables = await world.db.all<{ name: string }>(statement(`SELECT name FROM sqlite_master WHERE type = 'table'`));
  for (const { name } of tables) {
    const rows = await world.db.all(statement(`SELECT * FROM ${name}`));
    expect(JSON.stringify(rows), name).not.toContain(WORD);
  }
});

it('stay through an update that shows them masked, but are not handed on to another type', async () => {
  await world.line('steel', { Alloy: 'steel', Password: WORD });
  const update = async (actionTypeId: ActionTypeId) => {
    const pipeline = await shown();
    const [source, work] = pipeline.stages;
    const action = { ...work!.actions[0]!, actionTypeId };
    await world.api.updatePipeline({ pipeline: { ...pipeline, stages: [source!, { ...work!, actions: [action] }] } }, ctx);
  };
  const settle = async () => {
    const [job] = await world.poll();
    await world.api.acknowledgeJob({ jobId: job!.id!, nonce: job!.nonce! }, ctx);
    await world.api.putJobSuccessResult({ jobId: job!.id! }, ctx);
    await world.settle();
    return job!.data!.actionConfiguration!.configuration;
  };
  await settle();
  await update(FURNACE);
  await world.run('steel');
  expect(await settle()).toMatchObject({ Password: WORD });
  const { category, inputs } = { category: FURNACE.category, inputs: { minimumCount: 0, maximumCount: 1 } };
  const properties = ['Alloy', 'Password'].map((name) => ({ name, key: false, secret: name === 'Password', required: true }));
  const thief = { category, provider: 'Thief', version: '1' };
  const bounds = { inputArtifactDetails: inputs, outputArtifactDetails: inputs };
  await world.api.createCustomActionType({ ...thief, configurationProperties: properties, ...bounds }, ctx);
  await update({ ...thief, owner: 'Custom' });
  await world.run('steel');
  const { jobs } = await world.api.pollForJobs({ actionTypeId: { ...thief, owner: 'Custom' } }, ctx);
  expect(jobs![0]!.data!.actionConfiguration!.configuration).toMatchObject({ Password: '****' });
});

it('cannot be forged', async () => {
  const pipeline = lineOf('steel', { Alloy: 'steel', Note: 'pipewright-sealed:x' });
  await expect(world.api.createPipeline({ pipeline }, ctx)).rejects.toMatchObject({ code: 'InvalidActionDeclarationException' });
});
