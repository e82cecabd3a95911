import { isObject, type Json } from '../../../kernel/json.ts';
import { compilePattern, type Matcher } from '../../../kernel/patterns/match.ts';
import { parsePattern } from '../../../kernel/patterns/parse.ts';
import { InvalidPattern, type Node } from '../../../kernel/patterns/pattern.ts';
import { tooDeep } from '../../../kernel/patterns/depth.ts';
import { errors } from '../api.gen.ts';
import type { MessageAttribute } from './message.ts';

/** What a filter policy is about. https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering-scope.html */
export type FilterScope = 'MessageAttributes' | 'MessageBody';

/** https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
const MOST_KEYS = 5;
const MOST_COMBINATIONS = 150;
const MOST_BYTES = 256 * 1024;

function invalid(reason: string): Error {
  return errors.InvalidParameterException(`Invalid parameter: FilterPolicy: ${reason}`);
}

interface Size {
  readonly keys: number;
  readonly combinations: number;
}

/** Keys count where they have a list of values; the values of a key count as often as the key lies deep. */
function sizeOf({ fields, or }: Node, depth = 1): Size {
  let [keys, combinations] = [0, 1];
  const add = (size: Size): void => {
    keys += size.keys;
    combinations *= size.combinations;
  };
  for (const field of fields)
    add(field.kind === 'leaf' ? { keys: 1, combinations: field.tests.length * depth } : sizeOf(field.node, depth + 1));
  for (const branch of or.flat()) add(sizeOf(branch, depth));
  return { keys, combinations };
}

/** In a policy for attributes a list of values follows each name; branches of `$or` are policies themselves. */
function isFlat(policy: Record<string, unknown>): boolean {
  return Object.entries(policy).every(([name, value]) =>
    Array.isArray(value) ? name !== '$or' || value.every((branch: unknown) => !isObject(branch) || isFlat(branch)) : !isObject(value),
  );
}

function parse(text: string): Node {
  try {
    return parsePattern(text);
  } catch (error) {
    if (error instanceof InvalidPattern) throw invalid(error.message.replace('Event pattern is not valid. Reason: ', ''));
    throw error;
  }
}

/** The test that a filter policy is; undefined where it is empty and lets everything through. Throws InvalidParameter. */
export function compileFilter(text: string, scope: FilterScope): Matcher | undefined {
  if (/^\s*(\{\s*\})?\s*$/.test(text)) return undefined;
  if (Buffer.byteLength(text) > MOST_BYTES) throw invalid('it is larger than 256 KB');
  const node = parse(text);
  if (scope === 'MessageAttributes' && !isFlat(JSON.parse(text) as Record<string, unknown>))
    throw invalid('Filter policy scope MessageAttributes does not support nested filter policy');
  const { keys, combinations } = sizeOf(node);
  if (keys > MOST_KEYS) throw invalid(`Filter policy can not have more than ${MOST_KEYS} keys`);
  if (combinations > MOST_COMBINATIONS) throw invalid('Filter policy is too complex');
  return compilePattern(node);
}

function attributeValue({ Type, Value }: MessageAttribute): Json | undefined {
  if (Type.startsWith('Number')) return Number(Value);
  if (Type.startsWith('Binary')) return undefined;
  return Type === 'String.Array' ? (JSON.parse(Value) as Json) : Value;
}

/** Message attributes as a policy looks at them: numbers are numbers, an array is any of its values; binary ones cannot be filtered by. */
function attributesEvent(attributes: Readonly<Record<string, MessageAttribute>>): object {
  const event: Record<string, Json | undefined> = {};
  for (const [name, attribute] of Object.entries(attributes))
    Object.defineProperty(event, name, { value: attributeValue(attribute), enumerable: true });
  return event;
}

/** Whether a message passes. A body that is no JSON object passes no policy that is about bodies. */
export function passes(
  matches: Matcher,
  scope: FilterScope,
  message: { readonly text: string; readonly attributes: Readonly<Record<string, MessageAttribute>> },
): boolean {
  if (scope === 'MessageAttributes') return matches(attributesEvent(message.attributes));
  let body: unknown;
  try {
    body = JSON.parse(message.text);
  } catch {
    return false;
  }
  return isObject(body) && !tooDeep(body) && matches(body);
}
