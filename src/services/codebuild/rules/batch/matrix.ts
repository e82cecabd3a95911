import { isYes, mapping, scalar, texts } from '../buildspec/fields.ts';
import type { Entry, Tree } from '../buildspec/tree.ts';
import { BOTH, commonParts, parseTaskEnv, warnOfOthers, type PlacedTask, type TaskEnv } from './task.ts';
import { MOST_BUILDS, type BatchTask } from './types.ts';

/** Tasks that nobody named: AWS does not publish how it names them. */
export const taskName = (index: number): string => `build_${index + 1}`;

type Choice = Partial<BatchTask>;

/** The dimensions of the matrix, variables last: each is a list of what a task may take. */
function dimensions(tree: Tree, entry: Entry | undefined): readonly (readonly Choice[])[] {
  const fields = mapping(tree, entry?.value, 'dynamic');
  warnOfOthers(tree, fields, ['buildspec', 'env'], 'dynamic');
  const found: (readonly Choice[])[] = [];
  const add = (of: Entry | undefined, name: string, choice: (text: string) => Choice): void => {
    const values = texts(tree, of, name);
    if (values.length > 0) found.push(values.map(choice));
  };
  add(fields.get('buildspec'), 'buildspec', (buildspec) => ({ buildspec }));
  const env = mapping(tree, fields.get('env')?.value, 'env');
  warnOfOthers(tree, env, ['compute-type', 'fleet', 'image', 'privileged-mode', 'type', 'variables'], 'the env of a matrix');
  add(env.get('image'), 'image', (image) => ({ image }));
  add(env.get('compute-type'), 'compute-type', (computeType) => ({ computeType }));
  add(env.get('fleet'), 'fleet', (fleet) => ({ fleet }));
  add(env.get('type'), 'type', (type) => ({ type }));
  const privileged = env.get('privileged-mode');
  add(privileged, 'privileged-mode', (text) => ({ privilegedMode: isYes(tree, privileged?.value, text, 'privileged-mode') }));
  for (const variable of mapping(tree, env.get('variables')?.value, 'variables').values())
    add(variable, `variables.${variable.key}`, (value) => ({ variables: [{ name: variable.key, value }] }));
  return found;
}

/** All combinations; the first dimension turns slowest, as in AWS's own example. */
function combinations(of: readonly (readonly Choice[])[]): readonly Choice[] {
  return of.reduce<readonly Choice[]>(
    (made, choices) =>
      made.flatMap((one) =>
        choices.map((choice) => ({ ...one, ...choice, variables: [...(one.variables ?? []), ...(choice.variables ?? [])] })),
      ),
    [{}],
  );
}

/** https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html#build-spec.batch.build-matrix */
export function parseMatrix(tree: Tree, entry: Entry): readonly PlacedTask[] {
  const fields = mapping(tree, entry.value, 'build-matrix');
  warnOfOthers(tree, fields, ['static', 'dynamic'], 'build-matrix');
  const fixed = mapping(tree, fields.get('static')?.value, 'static');
  warnOfOthers(tree, fixed, ['debug-session', 'env', 'ignore-failure'], 'static');
  const env: TaskEnv = parseTaskEnv(tree, fixed.get('env'));
  const common = commonParts(tree, fixed);
  const of = dimensions(tree, fields.get('dynamic'));
  // Each build would have both.
  const has = (key: 'fleet' | 'computeType') => env[key] !== undefined || of.some(([choice]) => choice?.[key] !== undefined);
  if (tree.errors.length === 0 && has('fleet') && has('computeType')) tree.fail(entry.keyNode, BOTH);
  const total = of.reduce((product, { length }) => product * length, 1);
  // Written out only where it can be a batch: a few lines may ask for millions.
  if (total > MOST_BUILDS) tree.fail(entry.keyNode, `The matrix asks for ${total} builds; a batch has at most ${MOST_BUILDS}`);
  if (of.length === 0) tree.fail(entry.keyNode, 'build-matrix needs a dynamic section with a list of values');
  if (total > MOST_BUILDS || of.length === 0) return [];
  return combinations(of).map((choice, index) => {
    const variables = new Map([...env.variables, ...(choice.variables ?? [])].map((variable) => [variable.name, variable]));
    const task = { identifier: taskName(index), dependsOn: [], ...common, ...env, ...choice, variables: [...variables.values()] };
    return { task, node: entry.keyNode, dependencies: [] };
  });
}

/** https://docs.aws.amazon.com/codebuild/latest/userguide/parallel-test-enable.html */
export function parseFanout(tree: Tree, entry: Entry): readonly PlacedTask[] {
  const fields = mapping(tree, entry.value, 'build-fanout');
  warnOfOthers(tree, fields, ['parallelism', 'ignore-failure', 'debug-session'], 'build-fanout');
  const text = scalar(tree, fields.get('parallelism'), 'parallelism');
  const total = Number(text);
  if (text === undefined || !/^\d+$/.test(text) || total < 1 || total > MOST_BUILDS) {
    const node = fields.get('parallelism')?.value ?? entry.keyNode;
    tree.fail(node, `Expected parallelism to be a number from 1 to ${MOST_BUILDS} at line ${tree.position(node).line}`);
    return [];
  }
  const common = commonParts(tree, fields);
  return Array.from({ length: total }, (_, index) => {
    const task: BatchTask = { identifier: taskName(index), dependsOn: [], ...common, variables: [], shard: { index, total } };
    return { task, node: entry.keyNode, dependencies: [] };
  });
}
