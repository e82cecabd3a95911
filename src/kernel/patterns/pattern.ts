import { PipewrightError } from '../errors.ts';

/** A value that has no members: what a pattern compares. */
export type Scalar = string | number | boolean | null;

/** Both ends may be open; an undefined end is no limit. */
export interface NumericRange {
  readonly low?: { readonly value: number; readonly inclusive: boolean };
  readonly high?: { readonly value: number; readonly inclusive: boolean };
}

/** One alternative in the list that a leaf of a pattern is. */
export type Test =
  | { readonly kind: 'equals'; readonly value: Scalar }
  | { readonly kind: 'equals-ignore-case'; readonly text: string }
  | { readonly kind: 'prefix' | 'suffix'; readonly text: string; readonly ignoreCase: boolean }
  | { readonly kind: 'wildcard'; readonly text: string }
  | { readonly kind: 'numeric'; readonly range: NumericRange }
  | { readonly kind: 'cidr'; readonly block: string }
  | { readonly kind: 'exists'; readonly exists: boolean }
  /** Some value, and none of these. */
  | { readonly kind: 'anything-but'; readonly tests: readonly Test[] };

export type Field =
  | { readonly kind: 'leaf'; readonly name: string; readonly tests: readonly Test[] }
  | { readonly kind: 'object'; readonly name: string; readonly node: Node };

/** All fields hold, and of each `$or` one node does. */
export interface Node {
  readonly fields: readonly Field[];
  readonly or: readonly (readonly Node[])[];
}

/** The text is no event pattern; the message says it as EventBridge does. */
export class InvalidPattern extends PipewrightError {
  constructor(reason: string) {
    super('InvalidEventPattern', `Event pattern is not valid. Reason: ${reason}`);
    this.name = 'InvalidPattern';
  }
}
