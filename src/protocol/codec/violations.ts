import { patternOf } from './patterns.ts';
import type { Member, Shape } from './shape.ts';

/** One value that breaks a constraint of the model. */
export interface Violation {
  /** `pipeline.stages.1.member.name`. */
  readonly path: string;
  readonly kind: 'required' | 'length' | 'range' | 'pattern' | 'enum';
  /** As AWS words it: `Value 'x' at 'name' failed to satisfy constraint: Member must …`. */
  readonly message: string;
  /** The member's place in an HTTP-bound request; undefined in a body. */
  readonly location: Member['location'];
}

type Broken = readonly [kind: Violation['kind'], sentence: string];

/** How long a value an error message repeats. */
const SHOWN = 1024;

function show(shape: Shape, value: unknown): string {
  if (value === undefined) return 'Value null';
  if (shape.sensitive) return 'Value';
  return `Value '${plain(value).slice(0, SHOWN)}'`;
}

/** As Java prints a value. */
function plain(value: unknown): string {
  if (Array.isArray(value)) return `[${value.slice(0, 20).map(plain).join(', ')}]`;
  if (value instanceof Uint8Array) return 'java.nio.HeapByteBuffer';
  if (typeof value === 'object' && value !== null) return `{${Object.keys(value).slice(0, 20).join(', ')}}`;
  return String(value);
}

function sizeOf(value: unknown): number | undefined {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  if (value instanceof Uint8Array) return value.byteLength;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length;
  return undefined;
}

function bounds(shape: Shape, value: unknown): Broken[] {
  const numeric = typeof value === 'number';
  if (numeric && shape.type === 'timestamp') return [];
  const [kind, noun] = numeric ? (['range', 'value'] as const) : (['length', 'length'] as const);
  const size = numeric ? value : sizeOf(value);
  if (size === undefined) return [];
  if (shape.max !== undefined && size > shape.max) return [[kind, `Member must have ${noun} less than or equal to ${shape.max}`]];
  if (shape.min !== undefined && size < shape.min) return [[kind, `Member must have ${noun} greater than or equal to ${shape.min}`]];
  return [];
}

/** The constraints that a decoded value breaks, in AWS's order. */
export function brokenBy(shape: Shape, value: unknown): Broken[] {
  const broken: Broken[] = [];
  if (typeof value === 'string') {
    // A text that is too long anyway is not matched: matching costs, and the length is refused below.
    const tooLong = shape.max !== undefined && value.length > shape.max;
    if (shape.pattern !== undefined && !tooLong && patternOf(shape.pattern)?.test(value) === false)
      broken.push(['pattern', `Member must satisfy regular expression pattern: ${shape.pattern}`]);
    if (shape.enum && !shape.enum.includes(value)) broken.push(['enum', `Member must satisfy enum value set: [${shape.enum.join(', ')}]`]);
  }
  return shape.min === undefined && shape.max === undefined ? broken : [...broken, ...bounds(shape, value)];
}

/** Everything a shape asks of its values: what AWS lists when an element of a list breaks any of it. */
function demands(shape: Shape): string {
  const noun = shape.type === 'string' || shape.type === 'blob' ? 'length' : 'value';
  const sentences: string[] = [];
  if (shape.max !== undefined) sentences.push(`Member must have ${noun} less than or equal to ${shape.max}`);
  if (shape.min !== undefined) sentences.push(`Member must have ${noun} greater than or equal to ${shape.min}`);
  if (shape.pattern !== undefined) sentences.push(`Member must satisfy regular expression pattern: ${shape.pattern}`);
  if (shape.enum) sentences.push(`Member must satisfy enum value set: [${shape.enum.join(', ')}]`);
  return `[${sentences.join(', ')}]`;
}

/** Collects what is wrong with one input. */
export class Violations {
  readonly list: Violation[] = [];

  missing(member: Member, path: string): void {
    this.#add('required', member, path, undefined, 'Member must not be null');
  }

  check(member: Member, path: string, value: unknown): void {
    for (const [kind, sentence] of brokenBy(member.shape, value)) this.#add(kind, member, path, value, sentence);
  }

  /** Simple elements are reported at their list or map, once. */
  checkParts(owner: Member, path: string, whole: unknown, parts: readonly unknown[], part: readonly [Member, noun: string]): void {
    const [member, noun] = part;
    for (const value of parts) {
      const first = brokenBy(member.shape, value)[0];
      if (!first) continue;
      this.#add(first[0], owner, path, whole, `${noun} must satisfy constraint: ${demands(member.shape)}`);
      return;
    }
  }

  /** `2 validation errors detected: …; …`, or undefined where nothing is wrong. */
  message(): string | undefined {
    const count = this.list.length;
    if (count === 0) return undefined;
    return `${count} validation error${count > 1 ? 's' : ''} detected: ${this.list.map((violation) => violation.message).join('; ')}`;
  }

  #add(kind: Violation['kind'], member: Member, path: string, value: unknown, sentence: string): void {
    const message = `${show(member.shape, value)} at '${path}' failed to satisfy constraint: ${sentence}`;
    this.list.push({ path, kind, message, location: member.location });
  }
}
