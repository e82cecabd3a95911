import { WriteConflict } from '../../../ports/database.ts';
import type { ShellSessions } from '../../../ports/shells.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type Sandbox, type SSMSession, type StartSandboxInput } from '../api.gen.ts';
import type { DebugRooms } from '../debug/rooms.ts';
import { shellHost } from '../debug/shells.ts';
import { newBuild } from '../rules/build/new-build.ts';
import { sandboxView } from '../rules/build/sandbox-view.ts';
import { aggregateId, type BuildSpec } from '../rules/build/state.ts';
import { sandboxSql as sql } from '../sandboxes/tables.ts';
import { initiatorOf } from './start-build.ts';
import { stopAndWait } from './stop-build.ts';
import { requireProject, type OperationTools } from './tools.ts';

type Operations = Pick<
  Api,
  'startSandbox' | 'stopSandbox' | 'startSandboxConnection' | 'batchGetSandboxes' | 'listSandboxes' | 'listSandboxesForProject'
>;

const PAGE = 100;
const invalidToken = () => errors.InvalidInputException('Invalid token.');

/** Ids may be given as ARNs: `arn:aws:codebuild:REGION:ACCOUNT:sandbox/PROJECT:UUID`. */
export function sandboxId(idOrArn: string): string {
  return idOrArn.startsWith('arn:') ? idOrArn.slice(idOrArn.indexOf('/') + 1) : idOrArn;
}

export async function storedSandbox({ db }: Pick<OperationTools, 'db'>, ctx: Pick<CallContext, 'account' | 'region'>, id: string) {
  const row = await db.get<{ data: string }>(sql.get, ctx.account, ctx.region, sandboxId(id));
  return row && (JSON.parse(row.data) as Sandbox);
}

export function missingSandbox(id: string): Error {
  return errors.ResourceNotFoundException(`Sandbox cannot be found: ${id}`);
}

async function start(tools: OperationTools, input: StartSandboxInput, ctx: CallContext): Promise<Sandbox> {
  const { projectName: name, idempotencyToken: token } = input;
  if (name === undefined) throw errors.InvalidInputException('Invalid input: a project name is required');
  const found = await requireProject(tools, ctx, name);
  const project = found.project.name!;
  const { account, region } = ctx;
  const identity = { account, region, uuid: tools.ids.uuid(), number: 0, initiator: initiatorOf(ctx) };
  const { autoRetry: _, ...spec } = newBuild(
    found.project,
    { projectName: project, ...(token !== undefined && { idempotencyToken: token }) },
    identity,
  );
  const sandbox: BuildSpec = { ...spec, sandbox: true };
  try {
    const state = await tools.builds.send(aggregateId(account, region, `${project}:${sandbox.uuid}`), { type: 'submit', spec: sandbox });
    return sandboxView(state);
  } catch (error) {
    if (!(error instanceof WriteConflict) || token === undefined) throw error;
    const row = await tools.db.get<{ data: string }>(sql.byToken, account, region, project, token);
    return JSON.parse(row!.data) as Sandbox;
  }
}

interface PageWanted {
  readonly project?: string;
  readonly maxResults?: number;
  readonly sortOrder?: string;
  readonly nextToken?: string;
}

async function list(tools: OperationTools, ctx: CallContext, { project, maxResults = PAGE, sortOrder, nextToken }: PageWanted) {
  const ascending = sortOrder === 'ASCENDING';
  const scope = `codebuild:sandboxes:${project ?? ''}:${ascending}`;
  const [at = ascending ? '-1' : String(Number.MAX_SAFE_INTEGER), after = ''] = String(
    decodePageToken(scope, nextToken, invalidToken) ?? '',
  )
    .split('/')
    .filter((part) => part !== '');
  const pattern = project === undefined ? '%' : project.replace(/[\\%_]/g, '\\$&');
  const query = ascending ? sql.ascending : sql.descending;
  type Row = { readonly id: string; readonly requested: number };
  const rows = await tools.db.all<Row>(query, ctx.account, ctx.region, pattern, Number(at), Number(at), after, maxResults + 1);
  const page = rows.slice(0, maxResults);
  const last = page.at(-1);
  const more = rows.length > maxResults && last && { nextToken: encodePageToken(scope, `${last.requested}/${last.id}`) };
  return { ids: page.map(({ id }) => id), ...more };
}

export interface SandboxTools extends OperationTools {
  readonly rooms: DebugRooms;
  readonly shellSessions: ShellSessions;
}

/** A shell beside the commands of a sandbox, for whoever connects to its data channel. */
async function connect(tools: SandboxTools, given: string, ctx: CallContext): Promise<SSMSession> {
  const { account, region, principal, endpoint } = ctx;
  const id = sandboxId(given);
  const sandbox = await storedSandbox(tools, ctx, id);
  if (!sandbox) throw missingSandbox(given);
  if (sandbox.status !== 'RUN_SANDBOX')
    throw errors.InvalidInputException(`Sandbox ${id} takes no connections: its status is ${sandbox.status}`);
  const host = shellHost(tools, aggregateId(account, region, id));
  const { sessionId, token, streamUrl } = await tools.shellSessions.start({
    account,
    region,
    principal,
    endpoint,
    target: sandbox.arn!,
    host,
  });
  return { sessionId, tokenValue: token, streamUrl };
}

export function sandboxOperations(tools: SandboxTools): Operations {
  return {
    startSandbox: async (input, ctx) => ({ sandbox: await start(tools, input, ctx) }),

    async stopSandbox({ id }, ctx) {
      if (!(await storedSandbox(tools, ctx, id))) throw missingSandbox(id);
      await stopAndWait(tools, ctx, aggregateId(ctx.account, ctx.region, sandboxId(id)));
      return { sandbox: await storedSandbox(tools, ctx, id) };
    },

    startSandboxConnection: async ({ sandboxId: id }, ctx) => ({ ssmSession: await connect(tools, id, ctx) }),

    async batchGetSandboxes({ ids }, ctx) {
      const found = await Promise.all(ids.map((id) => storedSandbox(tools, ctx, id)));
      return { sandboxes: found.flatMap((sandbox) => sandbox ?? []), sandboxesNotFound: ids.filter((_, index) => !found[index]) };
    },

    listSandboxes: (input, ctx) => list(tools, ctx, input),

    async listSandboxesForProject({ projectName: name, ...input }, ctx) {
      const { project } = await requireProject(tools, ctx, name);
      return list(tools, ctx, { ...input, project: project.name! });
    },
  };
}
