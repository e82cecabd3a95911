import { isObject } from '../json.ts';

/** A step of a path: a member, an element, or (null) all of them. */
export type PathStep = string | number | null;

const STEP = /\.\*|\.([^.[\]*'"\s]+)|\[(\d{1,9})\]|\[\*\]|\['([^'\]]+)'\]|\["([^"\]]+)"\]/y;

/**
 * The subset of JSONPath that EventBridge takes: `$`, `.name`, `[0]`, `['name']`, and `*` in either place. Undefined for other text.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
export function parsePath(text: string): readonly PathStep[] | undefined {
  if (!text.startsWith('$')) return undefined;
  const steps: PathStep[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < text.length) {
    const match = STEP.exec(text);
    if (!match) return undefined;
    const [, name, index, quoted, doubled] = match;
    steps.push(index === undefined ? (name ?? quoted ?? doubled ?? null) : Number(index));
  }
  return steps;
}

function members(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  return isObject(value) ? Object.values(value) : [];
}

/** What a path leads to, or undefined; a path with `*` leads to the list of all it finds. */
export function readPath(value: unknown, steps: readonly PathStep[]): unknown {
  let at = value;
  for (const [index, step] of steps.entries()) {
    if (step === null) {
      const rest = steps.slice(index + 1);
      const found = members(at).flatMap((member) => {
        const inner = readPath(member, rest);
        return rest.includes(null) && Array.isArray(inner) ? (inner as unknown[]) : [inner];
      });
      return found.filter((each) => each !== undefined);
    }
    if (typeof step === 'number') at = Array.isArray(at) ? (at as unknown[])[step] : undefined;
    else at = isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }
  return at;
}
