import { mapping, scalar, textMap, texts, yesNo } from '../buildspec/fields.ts';
import { Tree, type Entry } from '../buildspec/tree.ts';
import type { Finding } from '../buildspec/types.ts';
import { checkCondition, checkTemplate } from './check.ts';
import { parseSteps } from './step.ts';
import type { Action, ActionInput, ActionRuns } from './types.ts';

export type ParsedAction = { readonly ok: Action } | { readonly errors: readonly Finding[] };
type Fields = ReadonlyMap<string, Entry>;

const optional = <K extends string>(key: K, value: string | undefined): { readonly [key in K]?: string } =>
  (value === undefined ? {} : { [key]: value }) as { readonly [key in K]?: string };

function parseInputs(tree: Tree, entry: Entry | undefined): Readonly<Record<string, ActionInput>> {
  const found: Record<string, ActionInput> = {};
  for (const { key, value } of mapping(tree, entry?.value, 'inputs').values()) {
    const fields = mapping(tree, value, `inputs.${key}`);
    const text = scalar(tree, fields.get('default'), 'default');
    if (text !== undefined) checkTemplate(tree, fields.get('default')?.value, text);
    found[key] = {
      required: yesNo(tree, fields.get('required'), 'required'),
      ...optional('default', text),
      ...optional('deprecationMessage', scalar(tree, fields.get('deprecationMessage'), 'deprecationMessage')),
    };
  }
  return found;
}

function parseOutputs(tree: Tree, entry: Entry | undefined): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { key, value } of mapping(tree, entry?.value, 'outputs').values()) {
    const output = mapping(tree, value, `outputs.${key}`).get('value');
    const text = scalar(tree, output, 'value');
    if (text === undefined) continue;
    checkTemplate(tree, output?.value, text);
    found[key] = text;
  }
  return found;
}

function conditionIn(tree: Tree, fields: Fields, key: string): string | undefined {
  const text = scalar(tree, fields.get(key), key);
  if (text !== undefined) checkCondition(tree, fields.get(key)?.value, text);
  return text;
}

function javascript(tree: Tree, fields: Fields, using: string): ActionRuns {
  const file = (key: string) => scalar(tree, fields.get(key), key);
  const main = file('main');
  if (main === undefined) tree.fail(fields.get('using')?.value, 'A JavaScript action has a main');
  return {
    kind: 'javascript',
    using,
    main: main ?? '',
    ...optional('pre', file('pre')),
    ...optional('preIf', conditionIn(tree, fields, 'pre-if')),
    ...optional('post', file('post')),
    ...optional('postIf', conditionIn(tree, fields, 'post-if')),
  };
}

function composite(tree: Tree, fields: Fields): ActionRuns {
  const steps = parseSteps(tree, fields.get('steps'), 'steps');
  for (const { run, shell, line } of steps)
    if (run !== undefined && shell === undefined)
      tree.fail(fields.get('steps')?.value, `The step of a composite action on line ${line} needs a shell`);
  return { kind: 'composite', steps };
}

function docker(tree: Tree, fields: Fields): ActionRuns {
  const text = (key: string) => scalar(tree, fields.get(key), key);
  const image = text('image');
  if (image === undefined) tree.fail(fields.get('using')?.value, 'A Docker action has an image');
  const args = texts(tree, fields.get('args'), 'args');
  const env = textMap(tree, fields.get('env'), 'env');
  for (const value of [...args, ...Object.values(env)]) checkTemplate(tree, fields.get('image')?.value, value);
  return {
    kind: 'docker',
    image: image ?? '',
    ...optional('entrypoint', text('entrypoint')),
    ...optional('preEntrypoint', text('pre-entrypoint')),
    ...optional('postEntrypoint', text('post-entrypoint')),
    args,
    env,
  };
}

function parseRuns(tree: Tree, entry: Entry | undefined): ActionRuns | undefined {
  const fields = mapping(tree, entry?.value, 'runs');
  const using = scalar(tree, fields.get('using'), 'using')?.toLowerCase();
  if (using !== undefined && /^node\d+$/.test(using)) return javascript(tree, fields, using);
  if (using === 'composite') return composite(tree, fields);
  if (using === 'docker') return docker(tree, fields);
  tree.fail(
    fields.get('using')?.value ?? entry?.keyNode ?? tree.root,
    `runs.using is ${using ?? 'missing'}: node20, composite or docker is known`,
  );
  return undefined;
}

/** Reads an action.yml: https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax. Never throws. */
export function parseAction(text: string): ParsedAction {
  try {
    const tree = new Tree(text);
    const root = tree.errors.length === 0 ? mapping(tree, tree.root, 'the action') : new Map<string, Entry>();
    const runs = tree.errors.length === 0 ? parseRuns(tree, root.get('runs')) : undefined;
    const inputs = parseInputs(tree, root.get('inputs'));
    const outputs = parseOutputs(tree, root.get('outputs'));
    return runs && tree.errors.length === 0 ? { ok: { inputs, outputs, runs } } : { errors: tree.errors };
  } catch (error) {
    // As parseBuildspec: nesting or aliases beyond all sense.
    if (!(error instanceof RangeError)) throw error;
    return { errors: [{ message: 'The action is nested too deeply', line: 1, column: 1, endColumn: 2 }] };
  }
}
