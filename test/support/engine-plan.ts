import fc from 'fast-check';
import type { ShortPipeline } from './scenario-pipeline.ts';
import type { Input } from './scenario-file.ts';

type ShortStage = ShortPipeline['stages'][string];
type ShortAction = ShortStage['actions'][string];
type ShortCondition = NonNullable<ShortStage['beforeEntry']>;

/** What somebody wants; which execution and stage that is turns out when it comes to it. */
export interface Wish {
  /** Ms since the wish before. */
  readonly after: number;
  readonly do: Input['do'];
  readonly execution: number;
  /** At an execution and a stage where it can be done, if there are any; else at those of these numbers. */
  readonly aimed: boolean;
  readonly stage: number;
  readonly action: number;
  readonly condition: 'BEFORE_ENTRY' | 'ON_SUCCESS';
  readonly end: 'Succeeded' | 'Failed';
}

export interface Plan {
  /** The first is created, the others come with updates. */
  readonly pipelines: readonly ShortPipeline[];
  readonly wishes: readonly Wish[];
  readonly seed: number;
}

const STAGES = ['Source', 'Build', 'Test', 'Ship', 'After'] as const;
const ACTIONS = ['A', 'B', 'C', 'D'] as const;

/** Never none: two things at one moment are told apart by chance. */
const seconds = fc.integer({ min: 1, max: 5_000 }).map((ms) => String(ms / 1_000));

const end = fc.oneof(
  { weight: 60, arbitrary: fc.constant({}) },
  { weight: 4, arbitrary: fc.constant({ Result: '#{variables.end}' }) },
  { weight: 1, arbitrary: fc.constant({ Result: 'Failed' }) },
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 2 }).map((n) => ({ FailAttempts: String(n) })) },
);

const dummy: fc.Arbitrary<ShortAction> = fc
  .record({ order: fc.integer({ min: 1, max: 3 }), Seconds: seconds, end })
  .map(({ order, Seconds, end: result }) => ({ order, with: { Seconds, ...result } }));

/** Nobody asks it for news: an alarm a minute makes no difference but in time. */
const source = dummy.map((action): ShortAction => ({ ...action, with: { ...action.with, PollForSourceChanges: 'false' } }));

const approval: fc.Arbitrary<ShortAction> = fc
  .record({ order: fc.integer({ min: 1, max: 3 }), timeout: fc.option(fc.constant(5), { nil: undefined }) })
  .map(({ order, timeout }) => ({ order, approval: true, ...(timeout !== undefined && { timeout }) }));

function actions(of: fc.Arbitrary<ShortAction>): fc.Arbitrary<ShortStage['actions']> {
  return fc
    .array(of, { minLength: 1, maxLength: 4, size: 'small' })
    .map((list) => Object.fromEntries(list.map((action, index) => [ACTIONS[index], action])));
}

function condition(...results: readonly ShortCondition['result'][]): fc.Arbitrary<ShortCondition | undefined> {
  const Result = fc.oneof(
    { weight: 24, arbitrary: fc.constant('Succeeded') },
    { weight: 1, arbitrary: fc.constant('Failed') },
    { weight: 2, arbitrary: fc.constant('#{variables.end}') },
  );
  const rule = fc.record({ Result, Seconds: seconds }).map((configuration) => ({ Dummy: configuration }));
  const rules = fc
    .array(rule, { minLength: 1, maxLength: 3 })
    .map((list) => Object.fromEntries(list.map((one, index) => [`Rule${index}`, one])));
  return fc.option(fc.record({ result: fc.constantFrom(...results), rules }), { nil: undefined, freq: 1 });
}

type OnFailure = NonNullable<ShortStage['onFailure']>;

function onFailure(first: boolean, parallel: boolean): fc.Arbitrary<OnFailure | undefined> {
  const retry = fc.constantFrom<OnFailure>({ result: 'RETRY', retryMode: 'ALL_ACTIONS' }, { result: 'RETRY', retryMode: 'FAILED_ACTIONS' });
  const rollback: fc.Arbitrary<OnFailure> = fc.constant({ result: 'ROLLBACK' });
  const checked = condition(...(first || parallel ? (['FAIL'] as const) : (['ROLLBACK', 'FAIL'] as const)));
  const withCondition = checked.map((found): OnFailure | undefined => found && { condition: found });
  return fc.oneof(fc.constant(undefined), retry, withCondition, ...(first || parallel ? [] : [rollback, rollback]));
}

function defined<T extends object>(record: T): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}

function stage(first: boolean, parallel: boolean): fc.Arbitrary<ShortStage> {
  const only = first || parallel;
  return fc
    .record({
      actions: actions(first ? source : fc.oneof({ weight: 4, arbitrary: dummy }, { weight: 1, arbitrary: approval })),
      beforeEntry: first ? fc.constant(undefined) : condition('FAIL', 'SKIP'),
      onSuccess: only ? condition('FAIL') : condition('FAIL', 'ROLLBACK'),
      onFailure: onFailure(first, parallel),
    })
    .map((record) => defined(record) as ShortStage);
}

const pipeline: fc.Arbitrary<ShortPipeline> = fc.constantFrom('SUPERSEDED', 'SUPERSEDED', 'QUEUED', 'QUEUED', 'PARALLEL').chain((mode) =>
  fc
    .tuple(stage(true, mode === 'PARALLEL'), fc.array(stage(false, mode === 'PARALLEL'), { minLength: 1, maxLength: 4, size: 'max' }))
    .map(([first, others]) => ({
      type: 'V2',
      mode,
      variables: { end: 'Succeeded' },
      stages: Object.fromEntries([first, ...others].map((one, index) => [STAGES[index], one])),
    })),
);

const deed = fc.oneof(
  ...(
    [
      ['start', 10],
      ['approve', 6],
      ['reject', 2],
      ['retry', 5],
      ['retryAll', 3],
      ['override', 4],
      ['rollback', 4],
      ['stop', 2],
      ['abandon', 2],
      ['disable', 2],
      ['enable', 3],
      ['update', 1],
      ['revision', 1],
    ] as const
  ).map(([name, weight]) => ({ weight, arbitrary: fc.constant(name) })),
);

const wish: fc.Arbitrary<Wish> = fc.record({
  after: fc.oneof(fc.integer({ min: 1, max: 4_000 }), fc.integer({ min: 1, max: 400_000 })),
  do: deed,
  execution: fc.nat({ max: 9 }),
  aimed: fc.constantFrom(true, true, true, false),
  stage: fc.nat({ max: 4 }),
  action: fc.nat({ max: 3 }),
  condition: fc.constantFrom('BEFORE_ENTRY', 'ON_SUCCESS'),
  end: fc.constantFrom('Succeeded', 'Succeeded', 'Succeeded', 'Failed'),
});

/** Any pipeline, and what people do with it. */
export const plan: fc.Arbitrary<Plan> = fc.record({
  pipelines: fc.array(pipeline, { minLength: 1, maxLength: 3 }),
  wishes: fc.array(wish, { minLength: 1, maxLength: 30, size: 'max' }),
  seed: fc.integer(),
});

export function stageOf({ stage: number }: Wish, names: readonly string[]): string {
  return names[number % names.length]!;
}

export function actionOf({ action: number }: Wish): string {
  return ACTIONS[number]!;
}
