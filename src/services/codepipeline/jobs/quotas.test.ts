import { afterEach, expect, it } from 'vitest';
import type { PipelineDeclaration } from '../api.gen.ts';
import { contextOf, lineOf, NOTHING, WorkerWorld } from '../testing/workers.ts';

let world: WorkerWorld;
afterEach(() => world.close());

const ctx = contextOf();
const begin = async (quotas: 'aws' | 'relaxed') => {
  world = await new WorkerWorld(quotas).start();
  await world.furnace();
};

/** The pipeline with `count` stages, or `count` actions in its last stage. */
function grown(name: string, what: 'stages' | 'actions', count: number): PipelineDeclaration {
  const pipeline = lineOf(name, { Alloy: 'steel' });
  const [source, work] = pipeline.stages;
  const melt = (n: number) => ({ ...work!.actions[0]!, name: `Melt${n}`, outputArtifacts: [] });
  if (what === 'actions')
    return { ...pipeline, stages: [source!, { ...work!, actions: Array.from({ length: count }, (_, n) => melt(n)) }] };
  const stages = Array.from({ length: count - 1 }, (_, n) => ({ name: `Work${n}`, actions: [melt(n)] }));
  return { ...pipeline, stages: [source!, ...stages] };
}

const LIMITS: readonly [string, () => PipelineDeclaration, () => PipelineDeclaration, string][] = [
  ['50 stages', () => grown('at', 'stages', 50), () => grown('over', 'stages', 51), 'InvalidStructureException'],
  ['50 actions in a stage', () => grown('at', 'actions', 50), () => grown('over', 'actions', 51), 'InvalidStructureException'],
  [
    '1000 characters of a value',
    () => lineOf('at', { Alloy: 'steel', Note: 'n'.repeat(1_000) }),
    () => lineOf('over', { Alloy: 'steel', Note: 'n'.repeat(1_001) }),
    'InvalidActionDeclarationException',
  ],
];

it.each(LIMITS)('aws: %s', async (_, at, over, code) => {
  await begin('aws');
  await world.api.createPipeline({ pipeline: at() }, ctx);
  await expect(world.api.createPipeline({ pipeline: over() }, ctx)).rejects.toMatchObject({ code });
  await expect(world.api.updatePipeline({ pipeline: { ...over(), name: 'at' } }, ctx)).rejects.toMatchObject({ code });
});

it.each(LIMITS)('relaxed takes more than %s', async (_, __, over) => {
  await begin('relaxed');
  await world.api.createPipeline({ pipeline: over() }, ctx);
});

it('aws: 50 custom action types, of which deleted ones are none', async () => {
  await begin('aws');
  const type = (n: number) => ({ category: 'Test', provider: `P${n}`, version: '1' }) as const;
  const create = (n: number) =>
    world.api.createCustomActionType({ ...type(n), inputArtifactDetails: NOTHING, outputArtifactDetails: NOTHING }, ctx);
  for (let n = 1; n < 50; n++) await create(n);
  await expect(create(50)).rejects.toMatchObject({ code: 'LimitExceededException' });
  await world.api.deleteCustomActionType(type(1), ctx);
  await create(50);
});

it.each([
  ['aws', 122_880],
  ['relaxed', 1_048_576],
] as const)('%s: %i bytes of output variables', async (quotas, bytes) => {
  await begin(quotas);
  const execution = await world.line('steel', { Alloy: 'steel' });
  const jobId = (await world.take()).id!;
  const result = (length: number) => world.api.putJobSuccessResult({ jobId, outputVariables: { V: 'v'.repeat(length - 1) } }, ctx);
  await expect(result(bytes + 1)).rejects.toMatchObject({ code: 'OutputVariablesSizeExceededException' });
  expect((await world.action('steel', execution)).status).toBe('InProgress');
  await result(bytes);
});
