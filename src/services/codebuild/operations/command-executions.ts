import { write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type CommandExecution, type Sandbox } from '../api.gen.ts';
import { aggregateId } from '../rules/build/state.ts';
import type { CommandBell } from '../sandboxes/bell.ts';
import { endedWith, type SandboxKey } from '../sandboxes/commands.ts';
import { commandSql as sql } from '../sandboxes/tables.ts';
import { missingSandbox, sandboxId, storedSandbox } from './sandboxes.ts';
import type { OperationTools } from './tools.ts';

type Operations = Pick<Api, 'startCommandExecution' | 'batchGetCommandExecutions' | 'listCommandExecutionsForSandbox'>;

const PAGE = 100;
/** Sorts after every id. */
const LAST = '~';

/** The sandbox, after its own end has been written to the commands it left. */
async function settled(tools: OperationTools, ctx: CallContext, id: string): Promise<{ sandbox: Sandbox; key: SandboxKey }> {
  const sandbox = await storedSandbox(tools, ctx, id);
  if (!sandbox) throw missingSandbox(id);
  const key = { account: ctx.account, region: ctx.region, sandbox: sandboxId(id) };
  const left = await endedWith(tools.db, key, sandbox);
  if (left.length > 0) await tools.commits.commit(left);
  return { sandbox, key };
}

export function commandExecutionOperations(tools: OperationTools, bell: CommandBell): Operations {
  const { db, commits, ids, clock } = tools;
  return {
    async startCommandExecution({ sandboxId: id, command, type = 'SHELL' }, ctx) {
      const { sandbox, key } = await settled(tools, ctx, id);
      if (sandbox.endTime !== undefined) throw errors.InvalidInputException(`Sandbox ${key.sandbox} has ended: it takes no more commands`);
      const execution: CommandExecution = {
        id: ids.uuid(),
        sandboxId: key.sandbox,
        sandboxArn: sandbox.arn!,
        submitTime: clock.now(),
        status: 'SUBMITTED',
        command,
        type,
        logs: sandbox.currentSession!.logs!,
      };
      await commits.commit([write(sql.insert, [key.account, key.region, key.sandbox, execution.id!, JSON.stringify(execution)])]);
      bell.ring(aggregateId(key.account, key.region, key.sandbox));
      return { commandExecution: execution };
    },

    async batchGetCommandExecutions({ sandboxId: id, commandExecutionIds }, ctx) {
      const { key } = await settled(tools, ctx, id);
      const rows = await Promise.all(
        commandExecutionIds.map((each) => db.get<{ data: string }>(sql.get, key.account, key.region, key.sandbox, each)),
      );
      return {
        commandExecutions: rows.flatMap((row) => (row ? [JSON.parse(row.data) as CommandExecution] : [])),
        commandExecutionsNotFound: commandExecutionIds.filter((_, index) => !rows[index]),
      };
    },

    async listCommandExecutionsForSandbox({ sandboxId: id, maxResults = PAGE, sortOrder, nextToken }, ctx) {
      const { key } = await settled(tools, ctx, id);
      const ascending = sortOrder === 'ASCENDING';
      const scope = `codebuild:commands:${key.sandbox}:${ascending}`;
      const from = decodePageToken(scope, nextToken, () => errors.InvalidInputException('Invalid token.')) ?? (ascending ? '' : LAST);
      const query = ascending ? sql.ascending : sql.descending;
      const rows = await db.all<{ data: string }>(query, key.account, key.region, key.sandbox, String(from), maxResults + 1);
      const page = rows.slice(0, maxResults).map(({ data }) => JSON.parse(data) as CommandExecution);
      return { commandExecutions: page, ...(rows.length > maxResults && { nextToken: encodePageToken(scope, page.at(-1)!.id!) }) };
    },
  };
}
