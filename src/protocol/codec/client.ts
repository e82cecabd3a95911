import { randomUUID } from 'node:crypto';
import { isObject } from '../../kernel/json.ts';
import type { ByteStream } from '../../ports/blobs.ts';
import { ApiError } from '../errors.ts';
import { operationOf } from '../model.ts';
import type { OperationModel, ServiceModel } from '../model.ts';
import { uriEncode } from '../sigv4/canonical.ts';
import { bindingsOf, isStreaming } from './bindings.ts';
import { errorShape } from './errors.ts';
import { decodeStructure } from './decode.ts';
import { decodeJson, encodeJsonMembers, jsonContentType, jsonFormat, parseJson } from './json.ts';
import { encodeQuery } from './query.ts';
import { decodeRest, parseXmlBody } from './rest-decode.ts';
import { encodeRest } from './rest-encode.ts';
import { structureOf } from './shape.ts';
import type { Shape } from './shape.ts';
import { decodeXml } from './xml.ts';
import type { XmlElement } from './xml-parser.ts';

export type { ByteStream };

/** A request before it is signed. */
export interface ClientRequest {
  readonly method: string;
  /** Percent-encoded. */
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | ByteStream;
}

export interface ClientResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** A stream where `streamsOutput` says so. */
  readonly body: Uint8Array | ByteStream;
}

type Values = Record<string, unknown>;

function withTokens(shape: Shape, input: Values): Values {
  const missing = shape.members.filter((member) => member.idempotencyToken && input[member.name] === undefined);
  return missing.length === 0 ? input : { ...input, ...Object.fromEntries(missing.map((member) => [member.name, randomUUID()])) };
}

function jsonRequest(model: ServiceModel, name: string, shape: Shape, input: Values): ClientRequest {
  const headers = { 'content-type': jsonContentType(model), 'x-amz-target': `${model.targetPrefix}.${name}` };
  return { method: 'POST', path: '/', query: '', headers, body: Buffer.from(JSON.stringify(encodeJsonMembers(shape.members, input))) };
}

function queryRequest(model: ServiceModel, name: string, shape: Shape, input: Values): ClientRequest {
  const form = new URLSearchParams({ Action: name, Version: model.apiVersion });
  encodeQuery(shape, input, form);
  return {
    method: 'POST',
    path: '/',
    query: '',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(form.toString()),
  };
}

function fillLabels(path: string, labels: Readonly<Record<string, string>>): string {
  return path.replace(/\{(\w+)(\+?)\}/g, (_text, label: string, greedy: string) => {
    const value = labels[label];
    if (value === undefined || value === '') throw new ApiError('ValidationException', `${label} is missing`, 400);
    return greedy ? value.split('/').map(uriEncode).join('/') : uriEncode(value);
  });
}

function restRequest(model: ServiceModel, operation: OperationModel, shape: Shape, input: Values): ClientRequest {
  const namespace = model.xmlNamespace === undefined ? undefined : { uri: model.xmlNamespace };
  const { labels, query, headers, body } = encodeRest(model, shape, input, {
    name: operation.input?.locationName ?? shape.name,
    namespace,
  });
  const [path = '/', fixed = ''] = operation.http.requestUri.split('?');
  const pairs = [...query].map(([key, value]) => `${uriEncode(key)}=${uriEncode(value)}`);
  const text = [fixed, ...pairs].filter((part) => part !== '').join('&');
  return { method: operation.http.method, path: fillLabels(path, labels), query: text, headers, ...(body && { body }) };
}

/** An operation's input as an HTTP request. */
export function encodeRequest(model: ServiceModel, name: string, value: unknown): ClientRequest {
  const operation = operationOf(model, name)!;
  const shape = structureOf(model, operation.input);
  const input = withTokens(shape, isObject(value) ? value : {});
  if (model.protocol === 'json') return jsonRequest(model, name, shape, input);
  return model.protocol === 'query' ? queryRequest(model, name, shape, input) : restRequest(model, operation, shape, input);
}

export function streamsOutput(model: ServiceModel, name: string): boolean {
  return isStreaming(bindingsOf(structureOf(model, operationOf(model, name)!.output)).payload);
}

function queryResult(operation: OperationModel, shape: Shape, body: Uint8Array): Values {
  const root = parseXmlBody(body);
  const wrapper = operation.output?.resultWrapper;
  const node = wrapper ? root.children.find((child) => child.name === wrapper) : root;
  return node ? decodeXml(shape, node) : {};
}

/** An operation's output from a successful response. */
export function decodeResponse(model: ServiceModel, name: string, response: ClientResponse): Values {
  const operation = operationOf(model, name)!;
  const shape = structureOf(model, operation.output);
  const bytes = response.body as Uint8Array;
  if (model.protocol === 'json') return decodeJson(shape, bytes);
  if (model.protocol === 'query') return queryResult(operation, shape, bytes);
  if (operation.output?.unwrapped) {
    const { text } = parseXmlBody(bytes);
    return text === '' ? {} : { [shape.members[0]!.name]: text };
  }
  return decodeRest(model, shape, { labels: {}, query: new URLSearchParams(), ...response });
}

function jsonFailure(model: ServiceModel, { status, headers, body }: ClientResponse): ApiError {
  const parsed = parseJson(body as Uint8Array);
  const fields = isObject(parsed) ? parsed : {};
  const type = headers['x-amzn-errortype'] ?? fields['__type'] ?? fields['code'];
  const code = String(typeof type === 'string' ? type : 'UnknownError').replace(/^.*#|:.*$/g, '');
  const message = [fields['message'], fields['Message']].find((text) => typeof text === 'string') ?? '';
  const shape = errorShape(model, code);
  return new ApiError(code, message as string, status, shape ? decodeStructure(jsonFormat, shape, fields) : {});
}

function childText(node: XmlElement | undefined, name: string): string | undefined {
  return node?.children.find((child) => child.name === name)?.text;
}

function xmlFailure(model: ServiceModel, { status, body }: ClientResponse): ApiError {
  const root = parseXmlBody(body as Uint8Array);
  const node = root.children.find((child) => child.name === 'Error') ?? root;
  const code = childText(node, 'Code') ?? 'UnknownError';
  const shape = errorShape(model, code);
  return new ApiError(code, childText(node, 'Message') ?? '', status, shape ? decodeXml(shape, node) : {});
}

/** What a HEAD request's answer cannot say in its missing body. */
const BY_STATUS: Readonly<Record<number, string>> = { 304: 'NotModified', 403: 'AccessDenied', 404: 'NotFound', 412: 'PreconditionFailed' };

/** The error of a response with status 300 or more. */
export function decodeFailure(model: ServiceModel, response: ClientResponse): ApiError {
  const { status, body } = response;
  const code = BY_STATUS[status] ?? 'UnknownError';
  if ((body as Uint8Array).byteLength === 0) return new ApiError(code, `The server answered ${status}.`, status);
  try {
    const isJson = model.protocol === 'json' || model.protocol === 'rest-json';
    return isJson ? jsonFailure(model, response) : xmlFailure(model, response);
  } catch (error) {
    if (error instanceof ApiError) return new ApiError(code, `The server answered ${status} with an unreadable body.`, status);
    throw error;
  }
}
