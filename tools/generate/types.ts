import type { MemberModel } from '../../src/protocol/model.ts';
import type { Botocore, BotocoreShape } from './botocore.ts';
import { reachable } from './table.ts';

/** Names that a generated file imports or declares itself. */
const RESERVED = new Set([
  'Api',
  'ApiError',
  'ByteStream',
  'CallContext',
  'ModelError',
  'ServiceModel',
  'Uint8Array',
  'Promise',
  'Partial',
]);

const PRIMITIVES: Readonly<Record<string, string>> = {
  string: 'string',
  character: 'string',
  boolean: 'boolean',
  integer: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  timestamp: 'number',
  blob: 'Uint8Array',
};

export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** A property's name as an object type or literal takes it. */
export function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
}

/** The TypeScript type of one use of a shape. Times are epoch milliseconds. */
function typeOf(model: Botocore, member: MemberModel): string {
  const shape = model.shapes[member.shape]!;
  if (shape.document) return 'unknown';
  if (shape.type === 'blob' && (member.streaming || shape.streaming)) return 'ByteStream';
  if (shape.eventstream) return `AsyncIterable<${member.shape}>`;
  if (shape.type === 'string' && shape.enum === undefined) return 'string';
  return PRIMITIVES[shape.type] !== undefined && !shape.enum ? PRIMITIVES[shape.type]! : member.shape;
}

function isMessage(shape: BotocoreShape, member: string): boolean {
  return shape.exception === true && member.toLowerCase() === 'message';
}

function interfaceOf(model: Botocore, name: string, shape: BotocoreShape): string {
  const required = new Set(shape.required);
  const members = Object.entries(shape.members ?? {}).filter(([member]) => !isMessage(shape, member));
  if (members.length === 0) return `export type ${name} = object;`;
  const lines = members.map(([member, use]) => `  readonly ${key(member)}${required.has(member) ? '' : '?'}: ${typeOf(model, use)};`);
  return `export interface ${name} {\n${lines.join('\n')}\n}`;
}

function declaration(model: Botocore, name: string): string | undefined {
  const shape = model.shapes[name]!;
  if (shape.document) return undefined;
  if (shape.type === 'structure')
    return shape.exception && !hasFields(shape) && !isMember(model, name) ? undefined : interfaceOf(model, name, shape);
  if (shape.type === 'list') return `export type ${name} = readonly ${element(typeOf(model, shape.member!))}[];`;
  if (shape.type === 'map') return `export type ${name} = { readonly [key: string]: ${typeOf(model, shape.value!)} };`;
  if (shape.type === 'string' && shape.enum) return `export type ${name} = ${shape.enum.map(quoted).join(' | ')};`;
  return undefined;
}

function element(type: string): string {
  return type.includes(' ') ? `(${type})` : type;
}

/** Event streams carry errors as members. */
function isMember(model: Botocore, name: string): boolean {
  return Object.values(model.shapes).some((shape) => Object.values(shape.members ?? {}).some((member) => member.shape === name));
}

/** Whether an error carries more than its message. */
export function hasFields(shape: BotocoreShape): boolean {
  return Object.keys(shape.members ?? {}).some((member) => !isMessage(shape, member));
}

export function typeDeclarations(model: Botocore): string {
  const names = reachable(model);
  const clash = names.find((name) => RESERVED.has(name) && declaration(model, name));
  if (clash) throw new Error(`the shape ${clash} would hide a name that generated files use`);
  return names.flatMap((name) => declaration(model, name) ?? []).join('\n\n');
}
