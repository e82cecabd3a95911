import { mapping, yesNo } from '../buildspec/fields.ts';
import { parseBuildspec } from '../buildspec/parse.ts';
import { Tree, type Entry } from '../buildspec/tree.ts';
import { taskProblems } from './check.ts';
import { parseFanout, parseMatrix, taskName } from './matrix.ts';
import { parseTask, type Fields, type PlacedTask } from './task.ts';
import { BATCH_TYPES, MOST_BUILDS, type Batchspec, type ParsedBatchspec } from './types.ts';

type BatchType = (typeof BATCH_TYPES)[number];

function listed(tree: Tree, entry: Entry, type: BatchType): readonly PlacedTask[] {
  const items = tree.items(entry.value);
  if (!items) tree.fail(entry.value ?? entry.keyNode, `Expected ${type} to be a list of build tasks`);
  return (items ?? []).flatMap((item, index) => parseTask(tree, item, type === 'build-list' ? taskName(index) : undefined) ?? []);
}

function tasksOf(tree: Tree, entry: Entry, type: BatchType): readonly PlacedTask[] {
  if (type === 'build-matrix') return parseMatrix(tree, entry);
  if (type === 'build-fanout') return parseFanout(tree, entry);
  return listed(tree, entry, type);
}

/** The one kind of batch that the section has. */
function kindOf(tree: Tree, batch: Entry, fields: Fields): { readonly entry: Entry; readonly type: BatchType } | undefined {
  const found = BATCH_TYPES.flatMap((type) => (fields.has(type) ? [{ entry: fields.get(type)!, type }] : []));
  for (const { key, keyNode } of fields.values())
    if (key !== 'fast-fail' && !BATCH_TYPES.some((type) => type === key))
      tree.warn(keyNode, `${key} is no part of a batch and is ignored.`);
  if (found.length === 0) tree.fail(batch.keyNode, 'batch needs one of build-graph, build-list, build-matrix and build-fanout');
  if (found.length > 1) tree.fail(found[1]!.entry.keyNode, `batch can have only one of ${found.map(({ type }) => type).join(' and ')}`);
  return found.length === 1 ? found[0] : undefined;
}

function parseSection(tree: Tree, batch: Entry): Batchspec {
  const fields = mapping(tree, batch.value, 'batch');
  const kind = kindOf(tree, batch, fields);
  const fastFail = yesNo(tree, fields.get('fast-fail'), 'fast-fail');
  if (!kind) return { fastFail, tasks: [] };
  const placed = tasksOf(tree, kind.entry, kind.type);
  if (tree.errors.length > 0) return { fastFail, tasks: [] };
  if (placed.length === 0) tree.fail(kind.entry.keyNode, `${kind.type} has no build task`);
  if (placed.length > MOST_BUILDS)
    tree.fail(kind.entry.keyNode, `The batch asks for ${placed.length} builds; it has at most ${MOST_BUILDS}`);
  for (const { index, dependency, message } of taskProblems(placed.map(({ task }) => task))) {
    const { node, dependencies } = placed[index]!;
    tree.fail(dependency === undefined ? node : (dependencies[dependency] ?? node), message);
  }
  return { fastFail, tasks: placed.map(({ task }) => task) };
}

/**
 * Reads what a batch build is to do out of its buildspec: https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html.
 * An ordinary build of the same file does not look at the section. Never throws.
 */
export function parseBatchspec(text: string): ParsedBatchspec {
  try {
    return parsed(text);
  } catch (error) {
    // As parseBuildspec: more nodes than anybody writes by hand.
    if (!(error instanceof RangeError)) throw error;
    return { errors: [{ message: 'The buildspec is nested too deeply', line: 1, column: 1, endColumn: 2 }], warnings: [] };
  }
}

function parsed(text: string): ParsedBatchspec {
  const buildspec = parseBuildspec(text);
  if (!('ok' in buildspec)) return buildspec;
  const tree = new Tree(text);
  const batch = mapping(tree, tree.root, 'the buildspec').get('batch');
  if (!batch) tree.fail(tree.root, 'The buildspec has no batch section: it can only run as a single build');
  const ok = batch && parseSection(tree, batch);
  const warnings = [...buildspec.warnings, ...tree.warnings.filter((warning) => !buildspec.warnings.some((known) => same(known, warning)))];
  return ok && tree.errors.length === 0 ? { ok, warnings } : { errors: tree.errors, warnings };
}

const same = (a: { message: string; line: number; column: number }, b: { message: string; line: number; column: number }): boolean =>
  a.message === b.message && a.line === b.line && a.column === b.column;
