import { isObject } from '../kernel/json.ts';
import { nearest } from '../kernel/nearest.ts';
import { brokenBy } from '../protocol/codec/violations.ts';
import { structureOf } from '../protocol/codec/shape.ts';
import type { Member, Shape } from '../protocol/codec/shape.ts';
import { operationOf } from '../protocol/model.ts';
import type { ServiceModel } from '../protocol/model.ts';

/** What is wrong with an input before it is sent. */
export interface InputFinding {
  /** Keys and 0-based indexes from the input's top. */
  readonly path: readonly (string | number)[];
  /** It is about the key itself, not about its value. */
  readonly atKey: boolean;
  readonly message: string;
}

/** Deeper than any model; recursive models would follow a hostile file for ever. */
const MAX_DEPTH = 64;

/**
 * What a service's model says of an operation's input in JSON: types, constraints, required keys, and keys that it does not know, which
 * AWS's clients refuse. Pure; nothing is sent.
 */
export function checkInput(model: ServiceModel, operation: string, input: unknown): readonly InputFinding[] {
  const known = operationOf(model, operation);
  if (!known) throw new Error(`${model.name} has no operation ${operation}`);
  const findings: InputFinding[] = [];
  new Walk(findings).structure(structureOf(model, known.input), input, []);
  return findings;
}

type Path = InputFinding['path'];

class Walk {
  readonly #findings: InputFinding[];

  constructor(findings: InputFinding[]) {
    this.#findings = findings;
  }

  structure(shape: Shape, value: unknown, path: Path): void {
    if (!isObject(value)) return this.#wrong(path, 'an object');
    const keys = new Map(shape.members.map((member) => [member.locationName ?? member.name, member]));
    for (const [key, part] of Object.entries(value)) {
      const member = keys.get(key);
      if (member) this.#member(member, part, [...path, key]);
      else this.#unknown(key, [...keys.keys()], [...path, key]);
    }
    for (const [key, member] of keys) {
      if (member.required && (value[key] ?? undefined) === undefined) this.#say(path, `${key} is required here`);
    }
  }

  #unknown(key: string, known: readonly string[], path: Path): void {
    const meant = nearest(key, known);
    this.#say(
      path,
      `${key} is not known here${meant === undefined ? `; known are ${known.join(', ')}` : `; did you mean ${meant}?`}`,
      true,
    );
  }

  #member(member: Member, value: unknown, path: Path): void {
    const { shape } = member;
    // JSON's null means that it is absent.
    if (value === null || shape.document || path.length > MAX_DEPTH) return;
    switch (shape.type) {
      case 'structure':
        return this.structure(shape, value, path);
      case 'list':
        return this.#list(shape, value, path);
      case 'map':
        return this.#map(shape, value, path);
      case 'boolean':
        return typeof value === 'boolean' ? undefined : this.#wrong(path, 'true or false');
      case 'integer':
      case 'long':
        return Number.isInteger(value) ? this.#bounds(shape, value, path) : this.#wrong(path, 'a whole number');
      case 'float':
      case 'double':
        return typeof value === 'number' ? this.#bounds(shape, value, path) : this.#wrong(path, 'a number');
      case 'timestamp':
        return typeof value === 'number' || typeof value === 'string' ? undefined : this.#wrong(path, 'a time');
      case 'string':
      case 'character':
      case 'blob':
        return typeof value === 'string' ? this.#bounds(shape, value, path) : this.#wrong(path, 'a text in quotes');
    }
  }

  #list(shape: Shape, value: unknown, path: Path): void {
    if (!Array.isArray(value)) return this.#wrong(path, 'a list');
    this.#bounds(shape, value, path);
    value.forEach((item, index) => this.#member(shape.element, item, [...path, index]));
  }

  #map(shape: Shape, value: unknown, path: Path): void {
    if (!isObject(value)) return this.#wrong(path, 'an object');
    for (const [key, item] of Object.entries(value)) {
      for (const [, sentence] of brokenBy(shape.key.shape, key))
        this.#say([...path, key], sentence.replace(/^Member/, `the key ${key}`), true);
      this.#member(shape.value, item, [...path, key]);
    }
  }

  #bounds(shape: Shape, value: unknown, path: Path): void {
    const shown = typeof value === 'string' && !shape.sensitive ? ` '${value.slice(0, 80)}'` : '';
    for (const [, sentence] of brokenBy(shape, value)) this.#say(path, sentence.replace(/^Member/, `${last(path)}${shown}`));
  }

  #wrong(path: Path, wanted: string): void {
    this.#say(path, `${last(path)} must be ${wanted}`);
  }

  #say(path: Path, message: string, atKey = false): void {
    this.#findings.push({ path, atKey, message });
  }
}

/** The nearest key's name; items go by their list's. */
function last(path: Path): string {
  const key = path.findLast((part) => typeof part === 'string');
  return typeof path.at(-1) === 'number' ? `an item of ${String(key)}` : String(key ?? 'the input');
}
