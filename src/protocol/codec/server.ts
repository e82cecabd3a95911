import type { ByteStream } from '../../ports/blobs.ts';
import { ApiError } from '../errors.ts';
import { operationOf } from '../model.ts';
import type { OperationModel, ServiceModel } from '../model.ts';
import { bindingsOf, isStreaming } from './bindings.ts';
import { decodeStructure } from './decode.ts';
import { decodeJson, encodeJsonMembers, jsonContentType } from './json.ts';
import { nativeFormat } from './native.ts';
import { decodeQuery } from './query.ts';
import { refusal } from './refusal.ts';
import type { Refuse } from './refusal.ts';
import { decodeRest } from './rest-decode.ts';
import type { RestMessage } from './rest-decode.ts';
import { encodeRest } from './rest-encode.ts';
import { structureOf } from './shape.ts';
import type { Shape } from './shape.ts';
import { Violations } from './violations.ts';
import { encodeXmlMembers } from './xml.ts';

export interface WireInput extends RestMessage {
  /** The form of a query-protocol request: its body, or its query string. */
  readonly form?: URLSearchParams;
}

export interface WireOutput {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body?: Uint8Array | ByteStream;
}

export type Input = Record<string, unknown>;

/** Whether the operation takes its body as a stream: it is then not read before the handler runs. */
export function streamsInput(model: ServiceModel, operation: OperationModel): boolean {
  return isStreaming(bindingsOf(structureOf(model, operation.input)).payload);
}

function decodeWire(model: ServiceModel, shape: Shape, wire: WireInput, violations: Violations): Input {
  switch (model.protocol) {
    case 'json':
      return decodeJson(shape, wire.body as Uint8Array, violations);
    case 'query':
      return decodeQuery(shape, wire.form ?? wire.query, violations);
    case 'rest-json':
    case 'rest-xml':
      return decodeRest(model, shape, wire, violations);
  }
}

function checked(model: ServiceModel, name: string, decode: (shape: Shape, violations: Violations) => Input, refuse?: Refuse): Input {
  const operation = operationOf(model, name)!;
  const violations = new Violations();
  let input: Input;
  try {
    input = decode(structureOf(model, operation.input), violations);
  } catch (error) {
    throw error instanceof ApiError && error.code === 'SerializationException' ? refusal.unreadable(model, error) : error;
  }
  if (violations.list.length > 0) throw refuse?.(name, violations.list) ?? refusal.invalid(model, violations);
  return input;
}

/** A request's input, checked against the model. Throws the error that AWS's service would answer. */
export function decodeInput(model: ServiceModel, name: string, wire: WireInput, refuse?: Refuse): Input {
  return checked(model, name, (shape, violations) => decodeWire(model, shape, wire, violations), refuse);
}

/** The same checks for an input that never was bytes. Text and bytes for a stream become one. */
export function checkInput(model: ServiceModel, name: string, value: unknown, refuse?: Refuse): Input {
  return checked(model, name, (shape, violations) => decodeStructure(nativeFormat, shape, value ?? {}, violations), refuse);
}

function queryOutput(model: ServiceModel, name: string, operation: OperationModel, output: Input, requestId: string): WireOutput {
  const members = encodeXmlMembers(structureOf(model, operation.output).members, output);
  const wrapper = operation.output?.resultWrapper;
  const result = wrapper ? `<${wrapper}>${members}</${wrapper}>` : members;
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
  const xml = `<${name}Response xmlns="${model.xmlNamespace ?? ''}">${result}${metadata}</${name}Response>`;
  return { status: 200, headers: { 'content-type': 'text/xml' }, body: Buffer.from(xml) };
}

function restOutput(model: ServiceModel, operation: OperationModel, output: Input): WireOutput {
  const shape = structureOf(model, operation.output);
  const namespace = model.xmlNamespace === undefined ? undefined : { uri: model.xmlNamespace };
  const name = operation.output?.locationName ?? shape.name;
  const encoded = encodeRest(model, shape, output, { name, namespace, unwrapped: operation.output?.unwrapped ?? false });
  // S3's model has no member for "partial content": the header that comes with it tells.
  const status = encoded.status ?? (encoded.headers['content-range'] ? 206 : (operation.http.responseCode ?? 200));
  return { status, headers: encoded.headers, ...(encoded.body && { body: encoded.body }) };
}

/** The response that carries an operation's output. */
export function encodeOutput(model: ServiceModel, name: string, output: unknown, requestId: string): WireOutput {
  const operation = operationOf(model, name)!;
  const value = (output ?? {}) as Input;
  switch (model.protocol) {
    case 'json': {
      const { members } = structureOf(model, operation.output);
      const text = operation.output ? JSON.stringify(encodeJsonMembers(members, value)) : '';
      return { status: 200, headers: { 'content-type': jsonContentType(model) }, body: Buffer.from(text) };
    }
    case 'query':
      return queryOutput(model, name, operation, value, requestId);
    case 'rest-json':
    case 'rest-xml':
      return restOutput(model, operation, value);
  }
}
