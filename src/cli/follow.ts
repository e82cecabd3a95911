import type { PipewrightClient } from '../client/client.ts';
import type { ActionExecutionDetail, GetPipelineStateOutput } from '../services/codepipeline/api.gen.ts';
import { BuildLogs } from './build-logs.ts';
import { changes, lines, rows, type Row, type Times } from './render.ts';
import { colours, Screen } from './screen.ts';
import { WakeUps } from './wake-ups.ts';

/** Looked at so often even if nothing is heard: times move, and a stream may be lost. ms. */
const LOOK_MS = 1_000;

/** An approval that the followed execution waits for. */
export interface Approval {
  readonly stageName: string;
  readonly actionName: string;
  readonly token: string;
}

export interface FollowOptions {
  readonly client: PipewrightClient;
  readonly pipeline: string;
  readonly executionId: string;
  readonly out: NodeJS.WriteStream;
  /** Draw in place, in colours; else a line for each change. */
  readonly live: boolean;
  /** Show what builds print. */
  readonly logs: boolean;
  /** Called once for each approval that is waited for. */
  readonly onApproval?: (approval: Approval) => Promise<void>;
}

function times(details: readonly ActionExecutionDetail[]): Times {
  return new Map(
    details
      .toReversed()
      .map(({ stageName = '', actionName = '', startTime = 0, lastUpdateTime = 0 }) => [
        `${stageName}/${actionName}`,
        { from: startTime, to: lastUpdateTime },
      ]),
  );
}

export function waitingApproval(state: GetPipelineStateOutput, executionId?: string): Approval | undefined {
  for (const stage of state.stageStates ?? []) {
    if (executionId !== undefined && stage.latestExecution?.pipelineExecutionId !== executionId) continue;
    for (const { actionName = '', latestExecution } of stage.actionStates ?? []) {
      const token = latestExecution?.status === 'InProgress' ? latestExecution.token : undefined;
      if (token !== undefined) return { stageName: stage.stageName ?? '', actionName, token };
    }
  }
  return undefined;
}

const OVER = new Set(['Succeeded', 'Failed', 'Stopped', 'Superseded', 'Cancelled']);

/** Follows one execution until it is over; answers its last status. */
export async function follow(options: FollowOptions): Promise<string> {
  const { client, pipeline: pipelineName, executionId, out, live } = options;
  const wakeUps = new WakeUps(client);
  const screen = new Screen(out);
  const logs = new BuildLogs(client);
  const asked = new Set<string>();
  let before: readonly Row[] = [];
  try {
    for (;;) {
      const { pipelineExecution } = await client.codepipeline.getPipelineExecution({ pipelineName, pipelineExecutionId: executionId });
      const filter = { pipelineExecutionId: executionId };
      const { actionExecutionDetails = [] } = await client.codepipeline.listActionExecutions({ pipelineName, filter });
      const state = await client.codepipeline.getPipelineState({ name: pipelineName });
      const now = rows(state, executionId, times(actionExecutionDetails), Date.now());
      const printed = options.logs ? await logs.news(actionExecutionDetails) : [];
      if (live) {
        screen.log(printed.map((line) => colours('quiet', `  ${line}`)));
        screen.draw(lines(now, colours));
      } else for (const line of [...printed.map((text) => `  ${text}`), ...changes(before, now)]) out.write(`${line}\n`);
      before = now;
      const status = pipelineExecution?.status ?? 'InProgress';
      if (OVER.has(status)) return status;
      const approval = waitingApproval(state, executionId);
      if (approval && !asked.has(approval.token)) {
        asked.add(approval.token);
        await options.onApproval?.(approval);
        continue;
      }
      await wakeUps.next(LOOK_MS);
    }
  } finally {
    wakeUps.close();
  }
}
