import { acceptAny, type Accept } from './accept.ts';
import type { Field, Node, Scalar, Test } from './pattern.ts';
import { isMembers, leafStep, objectStep, type Step } from './step.ts';

/** Whether an event (a JSON object) fits a pattern. */
export type Matcher = (event: object) => boolean;

type Members = Readonly<Record<string, unknown>>;
/** `event` is the whole, `object` the part that this node of the pattern is about. */
type NodeMatcher = (object: Members, event: Members) => boolean;

const NOTHING: Members = {};

function anyLeaf(value: unknown, accept: Accept): boolean {
  if (typeof value !== 'object' || value === null) return value !== undefined && accept(value as Scalar);
  if (!Array.isArray(value)) return false;
  for (const item of value) if (anyLeaf(item, accept)) return true;
  return false;
}

/** Whether the event has a value at this path, through whatever arrays lie on the way. Objects and empty arrays are no values. */
function hasLeaf(value: unknown, steps: readonly Step[], at = 0): boolean {
  if (Array.isArray(value)) return value.some((item) => hasLeaf(item, steps, at));
  if (at === steps.length) return value !== undefined && !isMembers(value);
  return isMembers(value) && hasLeaf(steps[at]!(value), steps, at + 1);
}

/** Most leaves are one text, or a few: those are compared without a detour. */
function leafMatcher(step: Step, accept: Accept, tests: readonly Test[]): NodeMatcher {
  const [test] = tests;
  if (tests.length > 1 || test?.kind !== 'equals') return (object) => anyLeaf(step(object), accept);
  const wanted = test.value;
  return (object) => {
    const value = step(object);
    return value === wanted || (Array.isArray(value) && anyLeaf(value, accept));
  };
}

function compileLeaf({ name, tests }: Field & { kind: 'leaf' }, path: readonly Step[]): NodeMatcher {
  const step = leafStep(name);
  const present = tests.filter((test) => test.kind !== 'exists' || test.exists);
  const accept = acceptAny(present);
  if (present.length === tests.length) return leafMatcher(step, accept, tests);
  const steps = [...path, step];
  return (object, event) => anyLeaf(step(object), accept) || !hasLeaf(event, steps);
}

function anyObject(value: readonly unknown[], matches: NodeMatcher, event: Members): boolean {
  for (const item of value) {
    if (Array.isArray(item) ? anyObject(item, matches, event) : isMembers(item) && matches(item, event)) return true;
  }
  return false;
}

/** In an array of objects, one object has to fit the whole node: EventBridge does not mix members of several. */
function compileObject({ name, node }: Field & { kind: 'object' }, path: readonly Step[]): NodeMatcher {
  const step = objectStep(name);
  const matches = compileNode(node, [...path, step]);
  return (object, event) => {
    const value = step(object);
    if (Array.isArray(value)) return anyObject(value, matches, event) || matches(NOTHING, event);
    return matches(isMembers(value) ? value : NOTHING, event);
  };
}

function compileNode({ fields, or }: Node, path: readonly Step[]): NodeMatcher {
  const parts: NodeMatcher[] = [
    ...fields.map((field) => (field.kind === 'leaf' ? compileLeaf(field, path) : compileObject(field, path))),
    ...or.map((branches): NodeMatcher => {
      const matchers = branches.map((branch) => compileNode(branch, path));
      return (object, event) => matchers.some((matches) => matches(object, event));
    }),
  ];
  const [first, second, ...more] = parts;
  if (!second) return first!;
  if (more.length === 0) return (object, event) => first!(object, event) && second(object, event);
  return (object, event) => {
    for (const part of parts) if (!part(object, event)) return false;
    return true;
  };
}

/** A pattern made ready to be asked often. The event must not be nested deeper than `tooDeep` allows. */
export function compilePattern(node: Node): Matcher {
  const matches = compileNode(node, []);
  return (event) => matches(event as Members, event as Members);
}
