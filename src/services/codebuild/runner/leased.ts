import { parseArn } from '../../../kernel/arn.ts';
import { errors } from '../../pipewright/api.gen.ts';
import type { OperationTools } from '../operations/tools.ts';
import { aggregateId, isRunning, type BuildSpec } from '../rules/build/state.ts';

export const stale = () => errors.StaleLeaseException('The lease is no longer valid: the build has ended or was given to another runner.');

/** The aggregate of a build's ARN; throws InvalidInputException. */
export function idOf(arn: string): string {
  const parts = parseArn(arn);
  if (parts?.service !== 'codebuild' || !parts.resource.startsWith('build/'))
    throw errors.InvalidInputException(`${arn} is no build's ARN`);
  return aggregateId(parts.account, parts.region, parts.resource.slice('build/'.length));
}

/** The build that this lease is for; throws StaleLeaseException where it has ended or is somebody else's. */
export async function leasedBuild(tools: Pick<OperationTools, 'builds'>, arn: string, epoch: number): Promise<BuildSpec> {
  const state = await tools.builds.state(idOf(arn));
  if (!state?.spec || !isRunning(state) || state.lease?.epoch !== epoch) throw stale();
  return state.spec;
}
