import type { Authorise } from '../ports/authorise.ts';
import type { CallContext } from './context.ts';
import { accessDenied, ApiError, notImplemented } from './errors.ts';
import { methodOf } from './model.ts';
import type { ServiceModel } from './model.ts';
import type { Service } from './service.ts';

type Operation = (input: unknown, context: CallContext) => Promise<unknown>;

function denied(protocol: ServiceModel['protocol'], message: string): ApiError {
  if (protocol === 'rest-xml') return new ApiError('AccessDenied', 'Access Denied', 403);
  return protocol === 'query' ? new ApiError('AccessDenied', message, 403) : accessDenied(message);
}

function absent(model: ServiceModel, operation: string): ApiError {
  if (model.protocol !== 'rest-xml') return notImplemented(model.name, operation);
  return new ApiError('NotImplemented', `Pipewright does not implement s3:${operation} yet.`, 501);
}

/** Asks whether the caller may, then runs the operation: the part of the chain that wire and inside share. */
export async function invoke(
  service: Service,
  operation: string,
  input: unknown,
  context: CallContext,
  authorise: Authorise,
): Promise<unknown> {
  const { model } = service;
  const { principal, region } = context;
  const decision = authorise({ principal, action: `${model.signingName}:${operation}`, region });
  if (!decision.allowed) throw denied(model.protocol, decision.message);
  const operations = service.operations as Readonly<Record<string, Operation | undefined>>;
  const method = methodOf(operation);
  if (typeof operations[method] !== 'function') throw absent(model, operation);
  return operations[method](input, context);
}
