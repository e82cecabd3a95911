import type { Api } from '../../pipewright/api.gen.ts';
import type { CommandExecution } from '../api.gen.ts';
import type { OperationTools } from '../operations/tools.ts';
import type { BuildSpec } from '../rules/build/state.ts';
import type { CommandBell } from '../sandboxes/bell.ts';
import { changed, openCommands, type SandboxKey } from '../sandboxes/commands.ts';
import { commandSql } from '../sandboxes/tables.ts';
import { idOf, leasedBuild } from './leased.ts';

export type SandboxCommands = Pick<Api, 'nextCommand' | 'completeCommand'>;

function keyOf({ account, region, project, uuid }: BuildSpec): SandboxKey {
  return { account, region, sandbox: `${project}:${uuid}` };
}

/** How a sandbox's runner takes commands, one after another; both calls may come twice. */
export function sandboxCommands(tools: OperationTools, bell: CommandBell): SandboxCommands {
  /** The first that has not ended. One that runs is told again: its runner never heard of it, or it would have told its end. */
  const first = async (spec: BuildSpec) => {
    const [command] = await openCommands(tools.db, keyOf(spec), 1);
    if (!command) return undefined;
    const running = { ...command, status: 'RUNNING', startTime: command.startTime ?? tools.clock.now() };
    await tools.commits.commit([changed(keyOf(spec), running)]);
    return { id: command.id!, command: command.command! };
  };
  return {
    async nextCommand({ buildArn, epoch, waitSeconds = 0 }, ctx) {
      const id = idOf(buildArn);
      const command = await first(await leasedBuild(tools, buildArn, epoch));
      if (command || waitSeconds === 0) return command ? { command } : {};
      await bell.wait(id, waitSeconds * 1_000, ctx.signal);
      const next = await first(await leasedBuild(tools, buildArn, epoch));
      return next ? { command: next } : {};
    },

    async completeCommand({ buildArn, epoch, id, exitCode, standardOutput, standardError }) {
      const spec = await leasedBuild(tools, buildArn, epoch);
      const key = keyOf(spec);
      const row = await tools.db.get<{ data: string }>(commandSql.get, key.account, key.region, key.sandbox, id);
      if (!row) return {};
      const ended: CommandExecution = {
        ...(JSON.parse(row.data) as CommandExecution),
        status: exitCode === 0 ? 'SUCCEEDED' : 'FAILED',
        exitCode: String(exitCode),
        endTime: tools.clock.now(),
        ...(standardOutput !== '' && { standardOutputContent: standardOutput }),
        ...(standardError !== '' && { standardErrContent: standardError }),
      };
      await tools.commits.commit([changed(key, ended)]);
      return {};
    },
  };
}
