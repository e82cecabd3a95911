import type { Node } from 'yaml';
import { mapping, scalar, textMap, texts, yesNo } from '../buildspec/fields.ts';
import type { Entry, Tree } from '../buildspec/tree.ts';
import type { BatchTask } from './types.ts';

type MaybeNode = Node | null | undefined;
export type Fields = ReadonlyMap<string, Entry>;
export type TaskEnv = Omit<BatchTask, 'identifier' | 'dependsOn' | 'ignoreFailure' | 'buildspec' | 'debugSession' | 'shard'>;

/** A task with the nodes that messages about it point to. */
export interface PlacedTask {
  readonly task: BatchTask;
  readonly node: MaybeNode;
  /** The entries of depend-on, in its order. */
  readonly dependencies: readonly MaybeNode[];
}

export const BOTH = 'compute-type and fleet cannot both be given for one identifier';
const ENV_KEYS = ['compute-type', 'fleet', 'image', 'privileged-mode', 'type', 'variables'];
const TASK_KEYS = ['identifier', 'buildspec', 'debug-session', 'depend-on', 'env', 'ignore-failure'];

/** Warns of keys that mean nothing here. */
export function warnOfOthers(tree: Tree, fields: Fields, known: readonly string[], name: string): void {
  for (const { key, keyNode } of fields.values())
    if (!known.includes(key)) tree.warn(keyNode, `${key} is no part of ${name} and is ignored.`);
}

/** `env` of a task: https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html#build-spec.batch.build-list */
export function parseTaskEnv(tree: Tree, entry: Entry | undefined): TaskEnv {
  const fields = mapping(tree, entry?.value, 'env');
  warnOfOthers(tree, fields, ENV_KEYS, 'the env of a batch');
  const [computeType, fleet, image, type] = ['compute-type', 'fleet', 'image', 'type'].map((key) => scalar(tree, fields.get(key), key));
  if (computeType !== undefined && fleet !== undefined) tree.fail(fields.get('fleet')?.keyNode, BOTH);
  const variables = textMap(tree, fields.get('variables'), 'variables');
  return {
    ...(computeType !== undefined && { computeType }),
    ...(fleet !== undefined && { fleet }),
    ...(image !== undefined && { image }),
    ...(type !== undefined && { type }),
    ...(fields.has('privileged-mode') && { privilegedMode: yesNo(tree, fields.get('privileged-mode'), 'privileged-mode') }),
    variables: Object.entries(variables).map(([name, value]) => ({ name, value })),
  };
}

/** What every kind of batch says of its tasks in the same way. */
export function commonParts(tree: Tree, fields: Fields): Pick<BatchTask, 'ignoreFailure' | 'debugSession'> {
  return {
    ignoreFailure: yesNo(tree, fields.get('ignore-failure'), 'ignore-failure'),
    ...(fields.has('debug-session') && { debugSession: yesNo(tree, fields.get('debug-session'), 'debug-session') }),
  };
}

/** One entry of build-graph or build-list; `fallback` names it where a list does not. */
export function parseTask(tree: Tree, node: MaybeNode, fallback: string | undefined): PlacedTask | undefined {
  if (!tree.isMap(node)) {
    tree.fail(node, `Expected a build task with an identifier at line ${tree.position(node).line}`);
    return undefined;
  }
  const fields = mapping(tree, node, 'the task');
  warnOfOthers(tree, fields, TASK_KEYS, 'a build task');
  const identifier = scalar(tree, fields.get('identifier'), 'identifier') ?? fallback;
  if (identifier === undefined) {
    tree.fail(node, 'identifier is a required key of a build task');
    return undefined;
  }
  const depend = fields.get('depend-on');
  if (depend && fallback !== undefined) tree.warn(depend.keyNode, 'depend-on means nothing in a build-list; use a build-graph.');
  const dependsOn = fallback === undefined ? texts(tree, depend, 'depend-on') : [];
  const items = tree.items(depend?.value) ?? [depend?.value];
  const buildspec = scalar(tree, fields.get('buildspec'), 'buildspec');
  const task: BatchTask = {
    identifier,
    dependsOn,
    ...commonParts(tree, fields),
    ...(buildspec !== undefined && { buildspec }),
    ...parseTaskEnv(tree, fields.get('env')),
  };
  return { task, node: fields.get('identifier')?.value ?? node, dependencies: items.filter((item) => !tree.isNull(item)) };
}
