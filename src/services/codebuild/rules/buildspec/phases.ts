import type { Node } from 'yaml';
import { mapping, scalar, textMap } from './fields.ts';
import { parseSteps } from '../steps/step.ts';
import { parseOnFailure } from './on-failure.ts';
import type { Entry, Tree } from './tree.ts';
import { PHASES, type Phase, type PhaseName } from './types.ts';

type MaybeNode = Node | null | undefined;

function command(tree: Tree, item: MaybeNode, index: number): string | undefined {
  if (tree.isNull(item)) return undefined;
  const text = tree.text(item);
  if (text?.includes('\0')) tree.fail(item, `Commands[${index}] holds a NUL character`);
  if (text !== undefined) return text;
  const { line } = tree.position(item);
  // CodeBuild's own sentence, its second half included.
  const message = `Expected Commands[${index}] to be of string type: found subkeys instead at line ${line}, value of the key tag on line ${line - 1} might be empty`;
  const hint =
    'A colon followed by a space makes this a mapping in YAML: put the whole command in quotes, or write it as a block with "- |".';
  tree.fail(item, message, tree.isMap(item) ? hint : 'A command is one text, not a list.');
  return undefined;
}

/** A list, or one text (often a block): each is a command. Nothing, or empty items, are no commands. */
function commands(tree: Tree, entry: Entry | undefined): readonly string[] {
  if (!entry || tree.isNull(entry.value)) return [];
  const items = tree.items(entry.value) ?? [entry.value];
  return items.map((item, index) => command(tree, item, index)).filter((text) => text !== undefined);
}

const KNOWN = ['run-as', 'on-failure', 'runtime-versions', 'commands', 'finally', 'steps'];

function parsePhase(tree: Tree, name: PhaseName, value: MaybeNode): Phase {
  const fields = mapping(tree, value, `phases.${name}`);
  for (const { key, keyNode } of fields.values())
    if (!KNOWN.includes(key)) tree.warn(keyNode, `${key} is no part of a phase and is ignored.`);
  const runAs = scalar(tree, fields.get('run-as'), 'run-as');
  const failure = fields.get('on-failure');
  const onFailure = failure && parseOnFailure(scalar(tree, failure, 'on-failure'));
  if (onFailure === 'unknown')
    tree.fail(
      failure?.value,
      `Invalid on-failure value at line ${tree.position(failure?.value).line}`,
      'Use ABORT, CONTINUE, or RETRY with a count up to 100, a regular expression, or both: RETRY-2-.*timed out.*',
    );
  const steps = parseSteps(tree, fields.get('steps'), 'steps');
  const list = commands(tree, fields.get('commands'));
  // https://docs.aws.amazon.com/codebuild/latest/userguide/action-runner-buildspec.html: both cannot be used in the same phase.
  if (steps.length > 0 && list.length > 0)
    tree.fail(fields.get('steps')?.keyNode, `The phase ${name} has both commands and steps`, 'Move one of them to another phase.');
  return {
    name,
    ...(runAs === undefined ? {} : { runAs }),
    ...(onFailure === undefined || onFailure === 'unknown' ? {} : { onFailure }),
    runtimeVersions: textMap(tree, fields.get('runtime-versions'), 'runtime-versions'),
    commands: list,
    finally: commands(tree, fields.get('finally')),
    ...(steps.length > 0 ? { steps } : {}),
  };
}

export function parsePhases(tree: Tree, entry: Entry | undefined): readonly Phase[] {
  const found = mapping(tree, entry?.value, 'phases');
  for (const { key, keyNode } of found.values()) {
    if ((PHASES as readonly string[]).includes(key)) continue;
    const meant = key.toLowerCase().replace(/-/g, '_');
    const guess = (PHASES as readonly string[]).includes(meant) ? ` Did you mean ${meant}?` : '';
    tree.warn(keyNode, `${key} is no phase of a build and is never run.${guess}`);
  }
  return PHASES.flatMap((name) => (found.has(name) ? [parsePhase(tree, name, found.get(name)!.value)] : []));
}
