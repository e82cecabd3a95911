import { errors, type CreateProjectInput, type Project, type ProjectArtifacts, type ProjectSource } from '../../api.gen.ts';
import { validateBatchConfig } from '../batch/config.ts';
import { validCache } from './cache.ts';

const invalid = (message: string) => errors.InvalidInputException(message);

/** Source types that name a place; the others bring their own. */
const LOCATED = new Set(['CODECOMMIT', 'GITHUB', 'GITHUB_ENTERPRISE', 'GITLAB', 'GITLAB_SELF_MANAGED', 'BITBUCKET', 'S3']);
const NAME = /^[A-Za-z0-9][A-Za-z0-9\-_]{1,149}$/;
const IDENTIFIER = /^[A-Za-z0-9_]{1,127}$/;
/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html */
const MOST_SECONDARY = 12;

/** What the model's constraints cannot say of a project; throws InvalidInputException in AWS's words where they are known. */
export function validateProject(project: Project): void {
  if (!NAME.test(project.name ?? '')) {
    throw invalid('Project names must start with a letter or number and contain only letters, numbers, hyphens and underscores.');
  }
  const { source, artifacts, secondarySources = [], secondaryArtifacts = [] } = project;
  if (!source) throw invalid('Project source is required');
  if (!artifacts) throw invalid('Project artifacts is required');
  validateSource(source);
  validateArtifacts(artifacts);
  if (project.cache) validCache(project.cache);
  validateLogs(project);
  if ((source.type === 'CODEPIPELINE') !== (artifacts.type === 'CODEPIPELINE')) {
    throw invalid('Invalid artifacts: artifact type CODEPIPELINE can only be used with source type CODEPIPELINE, and the other way round');
  }
  for (const secondary of secondarySources) {
    validateSource(secondary);
    identifier(secondary.sourceIdentifier, 'source');
  }
  for (const secondary of secondaryArtifacts) {
    if (secondary.type === 'CODEPIPELINE') throw invalid('Invalid secondary artifacts: type CODEPIPELINE is not supported');
    validateArtifacts(secondary);
    identifier(secondary.artifactIdentifier, 'artifact');
  }
  validateBatchConfig(project.buildBatchConfig);
  if (secondarySources.length > MOST_SECONDARY) throw invalid(`A project can have at most ${MOST_SECONDARY} secondary sources`);
  if (secondaryArtifacts.length > MOST_SECONDARY) throw invalid(`A project can have at most ${MOST_SECONDARY} secondary artifacts`);
}

function validateLogs({ logsConfig }: Project): void {
  const { status, location = '' } = logsConfig?.s3Logs ?? {};
  if (status === 'ENABLED' && location === '')
    throw invalid('Invalid logs config: location must be specified for S3 logs that are enabled');
}

export function validateSource({ type, location, buildspec }: ProjectSource): void {
  if (LOCATED.has(type) && !location) throw invalid(`Invalid project source: location must be specified for source type ${type}`);
  if (type === 'NO_SOURCE' && !buildspec) throw invalid('Invalid project source: a buildspec must be given for source type NO_SOURCE');
  if (type === 'S3' && location && !/^(arn:aws[a-z-]*:s3:::)?[^/]+\/.+$/.test(location)) {
    throw invalid('Invalid project source: the location of an S3 source must be of the form bucket/path');
  }
}

export function validateArtifacts({ type, location }: ProjectArtifacts): void {
  if (type === 'S3' && !location) throw invalid('Invalid artifacts: location must be specified for artifacts type S3');
}

function identifier(text: string | undefined, what: string): void {
  if (!IDENTIFIER.test(text ?? '')) {
    throw invalid(
      `Invalid input: ${what} identifier must contain only alphanumeric characters and underscores and be less than 128 characters in length`,
    );
  }
}

/** A new project with AWS's defaults filled in. */
export function newProject(
  input: CreateProjectInput,
  place: { readonly arn: string; readonly account: string; readonly region: string },
): Project {
  const { badgeEnabled, ...given } = input;
  return {
    description: '',
    timeoutInMinutes: 60,
    queuedTimeoutInMinutes: 480,
    encryptionKey: `arn:aws:kms:${place.region}:${place.account}:alias/aws/s3`,
    cache: { type: 'NO_CACHE' },
    projectVisibility: 'PRIVATE',
    tags: [],
    secondarySources: [],
    secondarySourceVersions: [],
    secondaryArtifacts: [],
    ...given,
    serviceRole: roleArn(given.serviceRole, place.account),
    arn: place.arn,
    badge: { badgeEnabled: badgeEnabled ?? false },
  };
}

/** Templates give a role's name where an ARN is documented, and AWS takes it. */
export function roleArn(role: string, account: string): string {
  return role.startsWith('arn:') ? role : `arn:aws:iam::${account}:role/${role}`;
}
