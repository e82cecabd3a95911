import type { PipewrightClient } from '../client/client.ts';
import type { ActionExecutionDetail } from '../services/codepipeline/api.gen.ts';
import { actionsOf, snapshotOf, type Snapshot } from './snapshot.ts';

/** The actions of one execution, newest first. */
export async function actionDetails(
  client: PipewrightClient,
  pipelineName: string,
  pipelineExecutionId: string,
): Promise<readonly ActionExecutionDetail[]> {
  const all: ActionExecutionDetail[] = [];
  let nextToken: string | undefined;
  do {
    const filter = { pipelineExecutionId };
    const page = await client.codepipeline.listActionExecutions({ pipelineName, filter, ...(nextToken !== undefined && { nextToken }) });
    all.push(...(page.actionExecutionDetails ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return all;
}

/** Asks the API how an execution stands. */
export async function look(client: PipewrightClient, pipelineName: string, pipelineExecutionId: string): Promise<Snapshot> {
  const [{ pipelineExecution = {} }, details, state] = await Promise.all([
    client.codepipeline.getPipelineExecution({ pipelineName, pipelineExecutionId }),
    actionDetails(client, pipelineName, pipelineExecutionId),
    client.codepipeline.getPipelineState({ name: pipelineName }),
  ]);
  const answers = { execution: pipelineExecution, details, state };
  const snapshot = snapshotOf({ ...answers, phases: new Map() });
  const ids = actionsOf(snapshot).flatMap(({ status, buildId }) => (status === 'InProgress' && buildId !== undefined ? [buildId] : []));
  if (ids.length === 0) return snapshot;
  const { builds = [] } = await client.codebuild.batchGetBuilds({ ids });
  return snapshotOf({ ...answers, phases: new Map(builds.map(({ id = '', currentPhase = '' }) => [id, currentPhase])) });
}
