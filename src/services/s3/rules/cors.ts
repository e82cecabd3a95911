import type { CORSRule } from '../api.gen.ts';

export interface CorsRequest {
  readonly origin: string;
  /** Of the request, or the one that a preflight announces. */
  readonly method: string;
  /** Names that a preflight announces. */
  readonly headers: readonly string[];
}

/** A pattern with at most one `*`, as S3's origins and headers have. */
function matches(pattern: string, text: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === text;
  const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail);
}

function allows(rule: CORSRule, { origin, method, headers }: CorsRequest): boolean {
  const allowed = (rule.AllowedHeaders ?? []).map((pattern) => pattern.toLowerCase());
  return (
    rule.AllowedMethods.includes(method) &&
    rule.AllowedOrigins.some((pattern) => matches(pattern, origin)) &&
    headers.every((name) => allowed.some((pattern) => matches(pattern, name.toLowerCase())))
  );
}

/** The headers that the first matching rule grants, or undefined: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html. */
export function corsHeaders(rules: readonly CORSRule[], request: CorsRequest): Record<string, string> | undefined {
  const rule = rules.find((candidate) => allows(candidate, request));
  if (!rule) return undefined;
  const everybody = rule.AllowedOrigins.includes('*');
  return {
    'access-control-allow-origin': everybody ? '*' : request.origin,
    'access-control-allow-methods': rule.AllowedMethods.join(', '),
    ...(!everybody && { 'access-control-allow-credentials': 'true' }),
    ...(request.headers.length > 0 && { 'access-control-allow-headers': request.headers.join(', ').toLowerCase() }),
    ...(rule.ExposeHeaders && rule.ExposeHeaders.length > 0 && { 'access-control-expose-headers': rule.ExposeHeaders.join(', ') }),
    ...(rule.MaxAgeSeconds !== undefined && { 'access-control-max-age': String(rule.MaxAgeSeconds) }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}
