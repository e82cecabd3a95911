import type { ApiError } from '../errors.ts';
import type { ServiceModel } from '../model.ts';
import { encodeJsonMembers } from './json.ts';
import type { WireOutput } from './server.ts';
import { XML_DECLARATION } from './rest-encode.ts';
import { shapeOf } from './shape.ts';
import type { Shape } from './shape.ts';
import { encodeXmlMembers, escapeXml } from './xml.ts';

export type ErrorProtocol = ServiceModel['protocol'];

/** The shape that a model declares for an error's code, if it does. */
export function errorShape(model: ServiceModel, code: string): Shape | undefined {
  if (Object.hasOwn(model.shapes, code)) return shapeOf(model, code);
  const found = Object.entries(model.shapes).find(([, shape]) => shape.exception && shape.error?.code === code);
  return found && shapeOf(model, found[0]);
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function scalars(fields: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(fields).flatMap(([name, value]) => (isScalar(value) ? [[name, String(value)]] : []));
}

function jsonFields(model: ServiceModel | undefined, error: ApiError): Record<string, unknown> {
  const shape = model && errorShape(model, error.code);
  if (!shape) return { message: error.message, ...Object.fromEntries(scalars(error.fields)) };
  const messageName = shape.members.find((member) => member.name.toLowerCase() === 'message')?.name ?? 'message';
  return { [messageName]: error.message, ...encodeJsonMembers(shape.members, error.fields as Record<string, unknown>) };
}

function jsonError(model: ServiceModel | undefined, error: ApiError): WireOutput {
  const headers: Record<string, string> = {
    'content-type': `application/x-amz-json-${model?.jsonVersion ?? '1.1'}`,
    'x-amzn-errortype': error.code,
  };
  if (model?.awsQueryCompatible) {
    const code = errorShape(model, error.code)?.error?.code ?? error.code;
    headers['x-amzn-query-error'] = `${code};${error.fault === 'client' ? 'Sender' : 'Receiver'}`;
  }
  return { status: error.status, headers, body: Buffer.from(JSON.stringify({ __type: error.code, ...jsonFields(model, error) })) };
}

function restJsonError(model: ServiceModel | undefined, error: ApiError): WireOutput {
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': error.code };
  return { status: error.status, headers, body: Buffer.from(JSON.stringify(jsonFields(model, error))) };
}

function xmlFields(model: ServiceModel | undefined, error: ApiError): string {
  const shape = model && errorShape(model, error.code);
  const known = shape ? encodeXmlMembers(shape.members, error.fields as Record<string, unknown>) : '';
  const other = scalars(error.fields).filter(([name]) => !shape?.members.some((member) => member.name === name));
  return known + other.map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`).join('');
}

function queryError(model: ServiceModel | undefined, error: ApiError, requestId: string): WireOutput {
  const type = error.fault === 'client' ? 'Sender' : 'Receiver';
  const inner = `<Type>${type}</Type><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message>${xmlFields(model, error)}`;
  const space = model?.xmlNamespace ? ` xmlns="${model.xmlNamespace}"` : '';
  const xml = `<ErrorResponse${space}><Error>${inner}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
  return { status: error.status, headers: { 'content-type': 'text/xml' }, body: Buffer.from(xml) };
}

function s3Error(model: ServiceModel | undefined, error: ApiError, requestId: string): WireOutput {
  const inner = `<Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message>${xmlFields(model, error)}`;
  const xml = `${XML_DECLARATION}<Error>${inner}<RequestId>${requestId}</RequestId><HostId>${requestId}</HostId></Error>`;
  return { status: error.status, headers: { ...error.headers, 'content-type': 'application/xml' }, body: Buffer.from(xml) };
}

/** An error in the words of a protocol. The model is absent where the request did not even name a service. */
export function encodeError(protocol: ErrorProtocol, model: ServiceModel | undefined, error: ApiError, requestId: string): WireOutput {
  switch (protocol) {
    case 'json':
      return jsonError(model, error);
    case 'rest-json':
      return restJsonError(model, error);
    case 'query':
      return queryError(model, error, requestId);
    case 'rest-xml':
      return s3Error(model, error, requestId);
  }
}
