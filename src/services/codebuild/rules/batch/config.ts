import { errors, type ProjectBuildBatchConfig } from '../../api.gen.ts';
import { MOST_BUILDS } from './types.ts';

const invalid = (message: string) => errors.InvalidInputException(message);

/** Minutes, as for a build: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectBuildBatchConfig.html */
const TIMEOUT = { least: 5, most: 2160, usual: 480 };

/** Throws InvalidInputException for what the model's constraints cannot say. */
export function validateBatchConfig(config: ProjectBuildBatchConfig | undefined): void {
  const { timeoutInMins, restrictions: { maximumBuildsAllowed } = {} } = config ?? {};
  if (timeoutInMins !== undefined && (timeoutInMins < TIMEOUT.least || timeoutInMins > TIMEOUT.most))
    throw invalid(`Invalid build batch config: timeoutInMins must be between ${TIMEOUT.least} and ${TIMEOUT.most}`);
  if (maximumBuildsAllowed !== undefined && (maximumBuildsAllowed < 1 || maximumBuildsAllowed > MOST_BUILDS))
    throw invalid(`Invalid build batch config: maximumBuildsAllowed must be between 1 and ${MOST_BUILDS}`);
}

/**
 * The project's settings with the call's over them; throws InvalidInputException where there is no service role, without which AWS runs no
 * batches: https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build.html#batch_security_role
 */
export function batchConfig(
  project: ProjectBuildBatchConfig | undefined,
  override: ProjectBuildBatchConfig | undefined,
): ProjectBuildBatchConfig & { readonly timeoutInMins: number } {
  const given = Object.fromEntries(Object.entries(override ?? {}).filter(([, value]) => value !== undefined));
  const config: ProjectBuildBatchConfig = { ...project, ...given };
  validateBatchConfig(config);
  if (!config.serviceRole) throw invalid('Batch builds are not enabled: the project has no service role in its build batch config');
  const { restrictions, timeoutInMins = TIMEOUT.usual } = config;
  return { ...config, restrictions: { maximumBuildsAllowed: MOST_BUILDS, ...restrictions }, timeoutInMins };
}
