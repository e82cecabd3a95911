import type { OperationModel, ServiceMetadata } from '../../src/protocol/model.ts';
import type { Botocore, BotocoreOperation, BotocoreShape } from './botocore.ts';

/** Everything else in a model is prose, or concerns clients of AWS's own endpoints. */
const SHAPE_KEYS = [
  'type',
  'required',
  'min',
  'max',
  'pattern',
  'enum',
  'flattened',
  'locationName',
  'payload',
  'streaming',
  'timestampFormat',
  'xmlNamespace',
  'eventstream',
  'event',
  'union',
  'document',
  'sensitive',
  'exception',
  'fault',
  'error',
] as const;
const MEMBER_KEYS = [
  'shape',
  'location',
  'locationName',
  'flattened',
  'streaming',
  'xmlAttribute',
  'xmlNamespace',
  'timestampFormat',
  'idempotencyToken',
  'eventpayload',
] as const;
const INPUT_KEYS = ['shape', 'locationName', 'xmlNamespace'];
const OUTPUT_KEYS = ['shape', 'resultWrapper', 'locationName', 'unwrapped'];
const HTTP_KEYS = ['method', 'requestUri', 'responseCode'];

function pick<T extends object>(source: T, keys: readonly string[]): Record<string, unknown> {
  const values = source as Record<string, unknown>;
  return Object.fromEntries(keys.flatMap((key) => (isEmpty(values[key]) ? [] : [[key, values[key]]])));
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === false || (Array.isArray(value) && value.length === 0);
}

function shapeRow(shape: BotocoreShape): Record<string, unknown> {
  const row = pick(shape, SHAPE_KEYS);
  if (shape.members)
    row['members'] = Object.fromEntries(Object.entries(shape.members).map(([name, member]) => [name, pick(member, MEMBER_KEYS)]));
  for (const part of ['member', 'key', 'value'] as const) if (shape[part]) row[part] = pick(shape[part], MEMBER_KEYS);
  return row;
}

function operationRow(operation: BotocoreOperation): OperationModel {
  const unauthenticated = operation.authtype === 'none' || operation.auth?.includes('smithy.api#noAuth');
  return {
    http: pick(operation.http, HTTP_KEYS) as unknown as OperationModel['http'],
    ...(operation.input && { input: pick(operation.input, INPUT_KEYS) as unknown as NonNullable<OperationModel['input']> }),
    ...(operation.output && { output: pick(operation.output, OUTPUT_KEYS) as unknown as NonNullable<OperationModel['output']> }),
    ...(operation.errors?.length && { errors: operation.errors.map((error) => error.shape) }),
    ...(unauthenticated && { unauthenticated: true }),
    ...(operation.httpChecksum?.requestChecksumRequired && { checksumRequired: true }),
  };
}

/** The shapes that operations reach, and the errors: the others are leftovers of the model. */
export function reachable(model: Botocore): string[] {
  const seen = new Set<string>();
  const visit = (name: string | undefined): void => {
    if (name === undefined || seen.has(name)) return;
    seen.add(name);
    const shape = model.shapes[name];
    if (!shape) throw new Error(`the model names an absent shape: ${name}`);
    for (const member of Object.values(shape.members ?? {})) visit(member.shape);
    for (const part of [shape.member, shape.key, shape.value]) visit(part?.shape);
  };
  for (const operation of Object.values(model.operations)) {
    visit(operation.input?.shape);
    visit(operation.output?.shape);
  }
  for (const [name, shape] of Object.entries(model.shapes)) if (shape.exception) visit(name);
  return [...seen].sort();
}

function lines(rows: readonly (readonly [string, unknown])[]): string {
  return rows.map(([name, row]) => `    ${JSON.stringify(name)}: ${JSON.stringify(row)}`).join(',\n');
}

/** The run-time table as JSON, one operation or shape a line, safe inside a raw template literal. */
export function runtimeTable(model: Botocore): string {
  const operations = Object.entries(model.operations).map(([name, operation]) => [name, operationRow(operation)] as const);
  const shapes = reachable(model).map((name) => [name, shapeRow(model.shapes[name]!)] as const);
  const json = `{\n  "operations": {\n${lines(operations)}\n  },\n  "shapes": {\n${lines(shapes)}\n  }\n}`;
  return json.replaceAll('`', '\\u0060').replaceAll('${', '\\u0024{');
}

export function metadataOf(name: string, model: Botocore): ServiceMetadata {
  const { metadata } = model;
  const text = (key: string): string | undefined => (typeof metadata[key] === 'string' ? metadata[key] : undefined);
  return JSON.parse(
    JSON.stringify({
      name,
      protocol: metadata.protocol,
      apiVersion: metadata.apiVersion,
      endpointPrefix: text('endpointPrefix') ?? name,
      signingName: text('signingName') ?? text('endpointPrefix') ?? name,
      serviceId: text('serviceId') ?? name,
      global: text('globalEndpoint') !== undefined && name === 'iam' ? true : undefined,
      jsonVersion: text('jsonVersion'),
      targetPrefix: text('targetPrefix'),
      xmlNamespace: text('xmlNamespace'),
      awsQueryCompatible: metadata['awsQueryCompatible'] ? true : undefined,
    }),
  ) as ServiceMetadata;
}
