import { ApiError } from '../errors.ts';
import { methodOf, operationOf } from '../model.ts';
import type { ServiceModel } from '../model.ts';
import type { Service } from '../service.ts';
import { matchRest } from './rest-routes.ts';
import { bucketOfHost } from './virtual-host.ts';

export interface RoutedRequest {
  readonly method: string;
  /** Raw. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** The body of a form-encoded request. */
  readonly form?: URLSearchParams | undefined;
  /** The service of the credential scope, where the request is signed. */
  readonly scopeService?: string | undefined;
}

export interface Route {
  readonly kind: 'operation';
  readonly service: Service;
  readonly operation: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly bucketHost?: string;
}

/** Nothing of ours is meant; the error goes out in the protocol that the client seems to speak. */
export interface NoRoute {
  readonly kind: 'none';
  readonly protocol: ServiceModel['protocol'];
  readonly model?: ServiceModel;
  readonly error: ApiError;
}

export interface Router {
  route(request: RoutedRequest): Route | NoRoute;
}

function unknownService(protocol: ServiceModel['protocol'], name: string): NoRoute {
  return { kind: 'none', protocol, error: new ApiError('NotImplementedException', `Pipewright has no service ${name} yet.`, 501) };
}

function unknownOperation(model: ServiceModel, name: string): NoRoute {
  if (model.protocol !== 'query')
    return {
      kind: 'none',
      protocol: model.protocol,
      model,
      error: new ApiError('UnknownOperationException', `Unknown operation ${name}`, 400),
    };
  const error = new ApiError('InvalidAction', `Could not find operation ${name} for version ${model.apiVersion}`, 400);
  return { kind: 'none', protocol: 'query', model, error };
}

function named(service: Service, operation: string): Route | NoRoute {
  return operationOf(service.model, operation)
    ? { kind: 'operation', service, operation, labels: {} }
    : unknownOperation(service.model, operation);
}

export function isImplemented(service: Service, operation: string): boolean {
  return typeof (service.operations as Record<string, unknown>)[methodOf(operation)] === 'function';
}

function s3Route(service: Service, request: RoutedRequest): Route | NoRoute {
  const bucketHost = bucketOfHost(request.headers['host']);
  // The model's paths begin with the bucket: a virtual-hosted request is put into that form, its key untouched.
  const path = bucketHost === undefined ? request.path : `/${encodeURIComponent(bucketHost)}${request.path}`;
  return restRoute(service, { ...request, path }, bucketHost);
}

function restRoute(service: Service, request: RoutedRequest, bucketHost?: string): Route | NoRoute {
  const { model } = service;
  try {
    const match = matchRest(model, request, (operation) => isImplemented(service, operation));
    if (match) return { kind: 'operation', service, ...match, ...(bucketHost !== undefined && { bucketHost }) };
  } catch (error) {
    if (error instanceof ApiError) return { kind: 'none', protocol: model.protocol, model, error };
    throw error;
  }
  if (model.protocol !== 'rest-xml') return unknownOperation(model, `${request.method} ${request.path}`);
  const error = new ApiError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405);
  return { kind: 'none', protocol: 'rest-xml', model, error };
}

interface Tables {
  readonly byTarget: ReadonlyMap<string, Service>;
  readonly byScope: ReadonlyMap<string, Service>;
  readonly byVersion: ReadonlyMap<string, Service>;
  readonly s3: Service | undefined;
}

function tablesOf(services: readonly Service[]): Tables {
  const query = services.filter(({ model }) => model.protocol === 'query');
  return {
    byTarget: new Map(services.flatMap((service) => (service.model.targetPrefix ? [[service.model.targetPrefix, service]] : []))),
    byScope: new Map(services.map((service) => [service.model.signingName, service])),
    byVersion: new Map(query.map((service) => [service.model.apiVersion, service])),
    s3: services.find(({ model }) => model.name === 's3'),
  };
}

function targetRoute({ byTarget }: Tables, target: string): Route | NoRoute {
  const at = target.lastIndexOf('.');
  const service = byTarget.get(target.slice(0, at));
  return service ? named(service, target.slice(at + 1)) : unknownService('json', `for X-Amz-Target ${target}`);
}

/** Smithy's RPC protocols: none of the clients speaks them to our services unless it is told to. */
function rpcRoute(path: string): NoRoute | undefined {
  if (!/\/service\/[^/]+\/operation\/[^/]+$/.test(path)) return undefined;
  const message = 'Pipewright does not speak the Smithy RPC v2 protocols yet: use the service’s JSON or query protocol.';
  return { kind: 'none', protocol: 'rest-json', error: new ApiError('NotImplementedException', message, 501) };
}

function actionRoute({ byScope, byVersion }: Tables, request: RoutedRequest): Route | NoRoute | undefined {
  const fields = request.form?.has('Action') ? request.form : request.query;
  const [action, version] = [fields.get('Action'), fields.get('Version')];
  if (action === null || version === null || request.scopeService === 's3') return undefined;
  const scoped = byScope.get(request.scopeService ?? '');
  const service = scoped?.model.protocol === 'query' ? scoped : byVersion.get(version);
  return service ? named(service, action) : unknownService('query', `${request.scopeService ?? ''} version ${version}`);
}

function pathRoute({ byScope, s3 }: Tables, request: RoutedRequest): Route | NoRoute {
  const { scopeService } = request;
  const service = scopeService === undefined ? s3 : byScope.get(scopeService);
  if (!service) return unknownService('rest-json', scopeService ?? 's3');
  if (service === s3) return s3Route(service, request);
  if (service.model.protocol === 'rest-json' || service.model.protocol === 'rest-xml') return restRoute(service, request);
  return unknownOperation(service.model, '');
}

/** Tells the services on the one port apart, surest sign first (DESIGN §5). */
export function createRouter(services: readonly Service[]): Router {
  const tables = tablesOf(services);
  return {
    route(request) {
      const target = request.headers['x-amz-target'];
      if (target !== undefined) return targetRoute(tables, target);
      const rpc = request.headers['smithy-protocol'] === undefined ? undefined : rpcRoute(request.path);
      return rpc ?? actionRoute(tables, request) ?? pathRoute(tables, request);
    },
  };
}
