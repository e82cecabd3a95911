import { shapeOf } from '../codec/shape.ts';
import { ApiError } from '../errors.ts';
import type { OperationModel, ServiceModel } from '../model.ts';

export interface RestRequest {
  readonly method: string;
  /** Raw. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
}

interface RestRoute {
  readonly operation: string;
  readonly method: string;
  readonly pattern: RegExp;
  readonly labels: readonly string[];
  readonly literals: readonly (readonly [string, string])[];
  readonly requiredQuery: readonly string[];
  readonly requiredHeaders: readonly string[];
}

export interface RestMatch {
  readonly operation: string;
  readonly labels: Readonly<Record<string, string>>;
}

function patternOf(path: string, labels: string[]): RegExp {
  const source = path.replace(/\{(\w+)(\+?)\}|[.*+?^${}()|[\]\\]/g, (text, label: string | undefined, greedy: string) => {
    if (label === undefined) return `\\${text}`;
    labels.push(label);
    return greedy ? '(.+)' : '([^/]+)';
  });
  return new RegExp(`^${source === '/' ? '' : source}/?$`, 's');
}

function required(model: ServiceModel, operation: OperationModel, location: 'querystring' | 'header'): string[] {
  if (!operation.input) return [];
  const members = shapeOf(model, operation.input.shape).members.filter((member) => member.required && member.location === location);
  return members.map((member) => member.locationName ?? member.name);
}

function routeOf(model: ServiceModel, name: string, operation: OperationModel): RestRoute {
  const [path = '/', query = ''] = operation.http.requestUri.split('?');
  const labels: string[] = [];
  return {
    operation: name,
    method: operation.http.method,
    pattern: patternOf(path, labels),
    labels,
    literals: [...new URLSearchParams(query)].filter(([key]) => key !== 'x-id'),
    requiredQuery: required(model, operation, 'querystring'),
    requiredHeaders: required(model, operation, 'header').map((header) => header.toLowerCase()),
  };
}

const compiled = new WeakMap<ServiceModel, readonly RestRoute[]>();

function routesOf(model: ServiceModel): readonly RestRoute[] {
  let routes = compiled.get(model);
  if (!routes) compiled.set(model, (routes = Object.entries(model.operations).map(([name, operation]) => routeOf(model, name, operation))));
  return routes;
}

/** How well a route fits, or undefined where it does not. Operations of one path differ by query and header members that they require. */
function fit(route: RestRoute, request: RestRequest): number | undefined {
  const { query, headers } = request;
  if (!route.literals.every(([key, value]) => query.has(key) && (value === '' || query.get(key) === value))) return undefined;
  const present = route.requiredQuery.filter((key) => query.has(key)).length + route.requiredHeaders.filter((key) => key in headers).length;
  const missing = route.requiredQuery.length + route.requiredHeaders.length - present;
  // A literal (`?attributes`) says what is meant, even where something required is missing; without one, members must tell.
  if (missing > 0 && route.literals.length === 0) return undefined;
  return route.literals.length * 100 + present * 10 - missing;
}

function decodeLabel(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ApiError('InvalidURI', "Couldn't parse the specified URI.", 400);
  }
}

/** The operation that a REST request means. Among equals (older names of one operation) the implemented one is taken. */
export function matchRest(model: ServiceModel, request: RestRequest, implemented: (operation: string) => boolean): RestMatch | undefined {
  let best: { readonly route: RestRoute; readonly rank: number; readonly values: readonly string[] } | undefined;
  for (const route of routesOf(model)) {
    if (route.method !== request.method) continue;
    const match = route.pattern.exec(request.path);
    const score = match ? fit(route, request) : undefined;
    if (!match || score === undefined) continue;
    const rank = score + (implemented(route.operation) ? 0.5 : 0);
    if (!best || rank > best.rank) best = { route, rank, values: match.slice(1) };
  }
  if (!best) return undefined;
  const { route, values } = best;
  return {
    operation: route.operation,
    labels: Object.fromEntries(route.labels.map((label, index) => [label, decodeLabel(values[index]!)])),
  };
}
