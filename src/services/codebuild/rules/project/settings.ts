import {
  errors,
  type LogsConfig,
  type Project,
  type ProjectArtifacts,
  type ProjectSource,
  type ProjectSourceVersion,
  type VpcConfig,
} from '../../api.gen.ts';
import { validateArtifacts, validateSource } from './sources.ts';

const invalid = (message: string) => errors.InvalidInputException(message);

const IDENTIFIER = /^[A-Za-z0-9_]{1,127}$/;
/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html */
const MOST_SECONDARY = 12;

/** Sources and artifacts beside the primary ones, and the versions of the sources. */
export interface Secondaries {
  readonly secondarySources?: readonly ProjectSource[];
  readonly secondarySourceVersions?: readonly ProjectSourceVersion[];
  readonly secondaryArtifacts?: readonly ProjectArtifacts[];
}

function identifiers(found: readonly (string | undefined)[], what: 'source' | 'artifact'): ReadonlySet<string> {
  const seen = new Set<string>();
  for (const text of found) {
    if (text === undefined || !IDENTIFIER.test(text)) {
      throw invalid(
        `Invalid input: ${what} identifier must contain only alphanumeric characters and underscores and be less than 128 characters in length`,
      );
    }
    if (seen.has(text)) throw invalid(`Invalid input: ${what} identifiers must be unique: ${text}`);
    seen.add(text);
  }
  return seen;
}

/** Throws InvalidInputException. */
export function validateSecondaries({ secondarySources = [], secondarySourceVersions = [], secondaryArtifacts = [] }: Secondaries): void {
  for (const source of secondarySources) validateSource(source);
  for (const artifacts of secondaryArtifacts) validateArtifacts(artifacts);
  const sources = identifiers(
    secondarySources.map(({ sourceIdentifier }) => sourceIdentifier),
    'source',
  );
  identifiers(
    secondaryArtifacts.map(({ artifactIdentifier }) => artifactIdentifier),
    'artifact',
  );
  const stray = secondarySourceVersions.find(({ sourceIdentifier }) => !sources.has(sourceIdentifier));
  if (stray) throw invalid(`Invalid secondary source version: there is no secondary source ${stray.sourceIdentifier}`);
  if (secondarySources.length > MOST_SECONDARY) throw invalid(`A project can have at most ${MOST_SECONDARY} secondary sources`);
  if (secondaryArtifacts.length > MOST_SECONDARY) throw invalid(`A project can have at most ${MOST_SECONDARY} secondary artifacts`);
}

/** A configuration that says nothing takes an earlier one away, as in AWS. */
export function isNoVpc({ vpcId, subnets = [], securityGroupIds = [] }: VpcConfig): boolean {
  return (vpcId ?? '') === '' && subnets.length === 0 && securityGroupIds.length === 0;
}

function validateVpc({ vpcId, subnets = [], securityGroupIds = [] }: VpcConfig): void {
  if ((vpcId ?? '') === '') throw invalid('Invalid vpc config: vpc id is required');
  if (subnets.length === 0) throw invalid('Invalid vpc config: at least one subnet is required');
  if (securityGroupIds.length === 0) throw invalid('Invalid vpc config: at least one security group id is required');
}

export function validateLogs({ s3Logs }: LogsConfig = {}): void {
  const { status, location = '' } = s3Logs ?? {};
  if (status === 'ENABLED' && location === '')
    throw invalid('Invalid logs config: location must be specified for S3 logs that are enabled');
}

export function validateAutoRetry(limit = 0): void {
  if (limit < 0) throw invalid('Invalid auto retry limit: the value must not be negative');
}

/** Throws InvalidInputException for settings that cannot hold. */
export function validateSettings({ concurrentBuildLimit: limit, autoRetryLimit, vpcConfig, fileSystemLocations = [] }: Project): void {
  if (limit !== undefined && limit < 1) throw invalid('Invalid concurrent build limit: the value must be at least 1, or -1 to remove it');
  validateAutoRetry(autoRetryLimit);
  if (vpcConfig) validateVpc(vpcConfig);
  // A build that finds an empty folder where it expects its file system would do the wrong thing.
  if (fileSystemLocations.length > 0) throw invalid('File system locations are not available here: there is no Amazon EFS');
}
