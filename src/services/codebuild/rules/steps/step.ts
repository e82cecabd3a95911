import type { Node } from 'yaml';
import { mapping, scalar } from '../buildspec/fields.ts';
import type { Entry, Tree } from '../buildspec/tree.ts';
import { checkCondition, checkTemplate } from './check.ts';
import { parseReference } from './reference.ts';
import type { Step } from './types.ts';

type MaybeNode = Node | null | undefined;
type Fields = ReadonlyMap<string, Entry>;

const KEYS = ['id', 'name', 'if', 'uses', 'with', 'run', 'shell', 'env', 'working-directory', 'continue-on-error', 'timeout-minutes'];
const FORMS = 'Write owner/repository@ref, owner/repository/path@ref, ./path or docker://image.';

function template(tree: Tree, fields: Fields, key: string): string | undefined {
  const entry = fields.get(key);
  const text = scalar(tree, entry, key);
  if (text !== undefined) checkTemplate(tree, entry?.value, text);
  return text;
}

function templates(tree: Tree, fields: Fields, name: string): Readonly<Record<string, string>> {
  const found = new Map<string, string>();
  for (const { key, keyNode, value } of mapping(tree, fields.get(name)?.value, name).values()) {
    const text = tree.isNull(value) ? '' : tree.text(value);
    if (text === undefined) tree.fail(value, `Expected ${name}.${key} to be of string type at line ${tree.position(value).line}`);
    else if (text.includes('\0') || /^$|[=\0]/.test(key)) tree.fail(keyNode, `${name}.${key} holds what no variable can`);
    else checkTemplate(tree, value, text);
    if (text !== undefined) found.set(key, text);
  }
  return Object.fromEntries(found);
}

function idOf(tree: Tree, fields: Fields): string | undefined {
  const entry = fields.get('id');
  const id = scalar(tree, entry, 'id');
  if (id !== undefined && !/^[A-Za-z_][\w-]*$/.test(id))
    tree.fail(entry?.value, `The id of a step has letters, digits, - and _, and begins with a letter or _: ${id}`);
  return id;
}

function conditionOf(tree: Tree, fields: Fields): string | undefined {
  const entry = fields.get('if');
  const text = scalar(tree, entry, 'if');
  if (text !== undefined) checkCondition(tree, entry?.value, text);
  return text;
}

function usesOf(tree: Tree, fields: Fields): string | undefined {
  const entry = fields.get('uses');
  const text = scalar(tree, entry, 'uses')?.trim();
  if (text !== undefined && !parseReference(text)) tree.fail(entry?.value, `${text} names no action`, FORMS);
  return text;
}

function setting(tree: Tree, fields: Fields, key: string, isRight: (text: string) => boolean): string | undefined {
  const text = template(tree, fields, key)?.trim();
  if (text !== undefined && !text.includes('${{') && !isRight(text)) tree.fail(fields.get(key)?.value, `${key} cannot be ${text}`);
  return text;
}

const isMinutes = (text: string): boolean => /^\d+(\.\d+)?$/.test(text) && Number(text) > 0;

/** Exactly one of `uses` and `run`; what belongs to the other has no effect. */
function checkKind(tree: Tree, item: MaybeNode, fields: Fields, { uses, run }: Pick<Step, 'uses' | 'run'>): void {
  if (uses === undefined && run === undefined) tree.fail(item, 'A step has either uses or run: this one has neither');
  else if (uses !== undefined && run !== undefined)
    tree.fail(fields.get('run')?.keyNode, 'A step has either uses or run: this one has both');
  for (const key of uses === undefined ? ['with'] : ['shell', 'working-directory'])
    if (fields.has(key)) tree.warn(fields.get(key)!.keyNode, `${key} has no effect with ${uses === undefined ? 'run' : 'uses'}.`);
}

const given = <K extends string>(key: K, value: string | undefined): { readonly [key in K]?: string } =>
  (value === undefined ? {} : { [key]: value }) as { readonly [key in K]?: string };

function parseStep(tree: Tree, item: MaybeNode, name: string): Step {
  const fields = mapping(tree, item, name);
  for (const { key, keyNode } of fields.values())
    if (!KEYS.includes(key)) tree.warn(keyNode, `${key} is no part of a step and is ignored.`);
  const step: Step = {
    line: tree.position(tree.resolve(item)).line,
    ...given('id', idOf(tree, fields)),
    ...given('name', template(tree, fields, 'name')),
    ...given('if', conditionOf(tree, fields)),
    ...given('uses', usesOf(tree, fields)),
    ...given('run', template(tree, fields, 'run')),
    with: templates(tree, fields, 'with'),
    env: templates(tree, fields, 'env'),
    ...given('shell', template(tree, fields, 'shell')),
    ...given('workingDirectory', template(tree, fields, 'working-directory')),
    ...given(
      'continueOnError',
      setting(tree, fields, 'continue-on-error', (text) => /^(true|false)$/i.test(text)),
    ),
    ...given('timeoutMinutes', setting(tree, fields, 'timeout-minutes', isMinutes)),
  };
  checkKind(tree, item, fields, step);
  return step;
}

/** Reads a list of steps: https://docs.aws.amazon.com/codebuild/latest/userguide/action-runner-buildspec-reference.html */
export function parseSteps(tree: Tree, entry: Entry | undefined, name: string): readonly Step[] {
  if (!entry || tree.isNull(entry.value)) return [];
  const items = tree.items(entry.value);
  if (!items) tree.fail(entry.value, `Expected ${name} to be a list at line ${tree.position(entry.value).line}`);
  const steps = (items ?? []).map((item, index) => parseStep(tree, item, `${name}[${index}]`));
  const ids = new Set<string>();
  for (const [index, { id }] of steps.entries()) {
    if (id === undefined) continue;
    if (ids.has(id.toLowerCase())) tree.fail(items![index], `Two steps have the id ${id}`);
    ids.add(id.toLowerCase());
  }
  return steps;
}
