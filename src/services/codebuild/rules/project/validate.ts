import { errors, type CreateProjectInput, type Project } from '../../api.gen.ts';
import { hasBadges } from '../badge.ts';
import { validateLogs, validateSecondaries, validateSettings } from './settings.ts';
import { validateArtifacts, validateSource } from './sources.ts';
import { validateBatchConfig } from '../batch/config.ts';
import { validateTags } from '../tags.ts';
import { validCache } from './cache.ts';
import { withDefaults } from './defaults.ts';

const invalid = (message: string) => errors.InvalidInputException(message);

const NAME = /^[A-Za-z0-9][A-Za-z0-9\-_]{1,149}$/;

/** What the model's constraints cannot say of a project; throws InvalidInputException in AWS's words where they are known. */
export function validateProject(project: Project): void {
  if (!NAME.test(project.name ?? '')) {
    throw invalid('Project names must start with a letter or number and contain only letters, numbers, hyphens and underscores.');
  }
  const { source, artifacts } = project;
  if (!source) throw invalid('Project source is required');
  if (!artifacts) throw invalid('Project artifacts is required');
  validateSource(source);
  validateArtifacts(artifacts);
  if (project.cache) validCache(project.cache);
  validateLogs(project.logsConfig);
  validateTags(project.tags);
  if ((source.type === 'CODEPIPELINE') !== (artifacts.type === 'CODEPIPELINE')) {
    throw invalid('Invalid input: when using CodePipeline both sourceType, and artifactType must be set to: CODEPIPELINE');
  }
  if (project.badge?.badgeEnabled && !hasBadges(source.type))
    throw invalid(`Build badges are not supported for source type ${source.type}`);
  // Pipelines alone use them so, in the builds they start.
  if (project.secondaryArtifacts?.some(({ type }) => type === 'CODEPIPELINE'))
    throw invalid('Invalid secondary artifacts: type CODEPIPELINE is not supported');
  validateSecondaries(project);
  validateSettings(project);
  validateBatchConfig(project.buildBatchConfig);
}

/** A new project with AWS's defaults filled in. */
export function newProject(
  input: CreateProjectInput,
  place: { readonly arn: string; readonly account: string; readonly region: string },
): Project {
  const { badgeEnabled, ...given } = input;
  return withDefaults({
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
  });
}

const ROLE = /^arn:aws[\w-]*:iam::\d{12}:role\/.+$/;

/** Templates give a role's name where an ARN is documented, and AWS takes it. Throws InvalidInputException for an ARN of something else. */
export function roleArn(role: string, account: string): string {
  if (role.startsWith('arn:') && !ROLE.test(role)) throw invalid('Invalid service role');
  return role.startsWith('arn:') ? role : `arn:aws:iam::${account}:role/${role}`;
}
