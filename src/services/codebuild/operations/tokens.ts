import { createHash } from 'node:crypto';
import { isObject } from '../../../kernel/json.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Build } from '../api.gen.ts';
import { aggregateId } from '../rules/build/state.ts';
import { sql } from '../tables.ts';
import { storedBuild, type Place } from './stored-build.ts';
import type { OperationTools } from './tools.ts';

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html#CodeBuild-StartBuild-request-idempotencyToken */
const HELD_MS = 5 * 60_000;

export interface StartToken {
  readonly token: string;
  /** A digest of what was asked for; undefined for callers of our own, whose tokens hold for good. */
  readonly request?: string;
}

/** The same text for the same value, whatever the order of its members. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const known = Object.keys(value).filter((key) => value[key] !== undefined);
  return `{${known
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
    .join()}}`;
}

/** The token of a call. A pipeline asks again after however long an outage, and must not get a second build. */
export function startToken(
  { principal }: CallContext,
  operation: string,
  { idempotencyToken: token, ...asked }: { readonly idempotencyToken?: string },
): StartToken | undefined {
  if (token === undefined) return undefined;
  if (principal.session === 'pipeline') return { token };
  return {
    token,
    request: createHash('sha256')
      .update(`${operation} ${canonical(asked)}`)
      .digest('hex'),
  };
}

/** The build that was started with this token, where it still holds; throws InvalidInputException where something else was asked for. */
export async function startedBefore(
  tools: Pick<OperationTools, 'db' | 'builds' | 'clock'>,
  place: Place,
  project: string,
  { token, request }: StartToken,
): Promise<Build | undefined> {
  const row = await tools.db.get<{ build: string }>(sql.token, place.account, place.region, project, token);
  const build = row && (await storedBuild(tools, place, row.build));
  if (!build || request === undefined) return build;
  if (build.startTime! + HELD_MS <= tools.clock.now()) return undefined;
  const before = await tools.builds.state(aggregateId(place.account, place.region, row.build));
  if (before?.spec?.request !== request)
    throw errors.InvalidInputException(`Parameter mismatch: the idempotency token ${token} was used with other parameters`);
  return build;
}
