import { orphans } from './artifacts.ts';
import { taskProblems } from './check.ts';
import type { BatchOrder } from './state.ts';
import { MOST_BUILDS, type Batchspec, type BatchTask } from './types.ts';

const nameOf = (fleet: string): string => /^arn:.*:fleet\/([^:]+)/.exec(fleet)?.[1] ?? fleet;

/** What forbids one task: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchRestrictions.html */
function forbidden({ build, config: { restrictions = {} } }: BatchOrder, task: BatchTask): string | undefined {
  const { computeTypesAllowed, fleetsAllowed } = restrictions;
  const ownFleet = task.computeType === undefined ? build.environment.fleet?.fleetArn : undefined;
  const fleet = task.fleet ?? ownFleet;
  const computeType = task.computeType ?? build.environment.computeType;
  if (fleet === undefined && computeTypesAllowed && !computeTypesAllowed.includes(computeType))
    return `${task.identifier} asks for the compute type ${computeType}, which the project does not allow in batches`;
  if (fleet !== undefined && fleetsAllowed && !fleetsAllowed.some((allowed) => nameOf(allowed) === nameOf(fleet)))
    return `${task.identifier} asks for the fleet ${fleet}, which the project does not allow in batches`;
  return undefined;
}

/** Why this batch may not run; undefined where it may. A runner's word is no proof: the tasks themselves are checked again. */
export function specProblem(order: BatchOrder, { tasks }: Batchspec): string | undefined {
  const [problem] = taskProblems(tasks);
  if (problem) return problem.message;
  const most = Math.min(order.config.restrictions?.maximumBuildsAllowed ?? MOST_BUILDS, MOST_BUILDS);
  if (tasks.length > most) return `The batch asks for ${tasks.length} builds; the project allows ${most}`;
  const [orphan] = orphans(order, tasks);
  if (orphan !== undefined) return `No build of the batch makes the output artifact ${orphan}: name it for a build, or BUILD_ARTIFACT`;
  return tasks.map((task) => forbidden(order, task)).find((message) => message !== undefined);
}
