import { parse } from 'yaml';
import { isObject } from '../../kernel/json.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { ActionDeclaration, PipelineDeclaration } from '../../services/codepipeline/api.gen.ts';
import { Failure } from '../failure.ts';

export interface LocalSource {
  readonly repository: string;
  readonly branch: string;
}

export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

/** A pipeline as it runs on this machine alone, and what must be there for it. */
export interface LocalPipeline {
  readonly pipeline: PipelineDeclaration;
  /** Of the roles' ARNs. */
  readonly account: string;
  readonly region: string;
  readonly roles: readonly string[];
  readonly repositories: readonly LocalSource[];
  /** Zips of the work tree. */
  readonly objects: readonly ObjectPlace[];
  readonly projects: readonly string[];
  readonly artifactBuckets: readonly string[];
  readonly deployBuckets: readonly string[];
  /** What is otherwise than in the file. */
  readonly notes: readonly string[];
}

const GIT_SOURCES = new Set(['CodeStarSourceConnection', 'GitHub', 'Git']);
const BRANCH_KEYS = ['BranchName', 'Branch'];
const DEFAULT_BRANCH = 'main';

/** The pipeline in a file, as `aws codepipeline create-pipeline --cli-input-json` or `--cli-input-yaml` takes it. Throws Failure. */
export function readPipeline(text: string, path: string): PipelineDeclaration {
  let value: unknown;
  try {
    value = parse(text, { logLevel: 'silent' });
  } catch (error) {
    throw new Failure(`${path} cannot be read: ${messageOf(error)}`);
  }
  const pipeline = isObject(value) && isObject(value['pipeline']) ? value['pipeline'] : value;
  if (!isObject(pipeline) || typeof pipeline['name'] !== 'string' || !Array.isArray(pipeline['stages']))
    throw new Failure(`${path} holds no pipeline: \`pipewright lint ${path}\` says what is wrong.`);
  return pipeline as unknown as PipelineDeclaration;
}

function repositoryOf({ FullRepositoryId, Repo, RepositoryUrl, Url, RepositoryName }: Readonly<Record<string, string>>): string {
  const name = RepositoryName ?? FullRepositoryId ?? Repo ?? RepositoryUrl ?? Url ?? 'source';
  return (
    name
      .replace(/\.git$/, '')
      .replace(/^.*\//, '')
      .replace(/[^\w.-]/g, '-') || 'source'
  );
}

interface Sources {
  readonly repositories: Map<string, LocalSource>;
  readonly objects: Map<string, ObjectPlace>;
  readonly notes: string[];
  /** Variables that a repository of ours does not have. */
  readonly variables: Map<string, string>;
}

function gitSource(action: ActionDeclaration, sources: Sources): ActionDeclaration {
  const { actionTypeId, configuration = {}, namespace } = action;
  const repository = repositoryOf(configuration);
  const branch = BRANCH_KEYS.map((key) => configuration[key]).find((value) => value !== undefined) ?? DEFAULT_BRANCH;
  sources.repositories.set(`${repository} ${branch}`, { repository, branch });
  const format = configuration['OutputArtifactFormat'];
  if (actionTypeId.provider !== 'CodeCommit') sources.notes.push(`${action.name}: ${actionTypeId.provider} is played by a repository here`);
  if (namespace !== undefined && actionTypeId.provider !== 'CodeCommit') {
    sources.variables.set(`#{${namespace}.FullRepositoryName}`, configuration['FullRepositoryId'] ?? repository);
    sources.variables.set(`#{${namespace}.ConnectionArn}`, configuration['ConnectionArn'] ?? '');
  }
  return {
    ...action,
    actionTypeId: { category: 'Source', owner: 'AWS', provider: 'CodeCommit', version: '1' },
    configuration: {
      RepositoryName: repository,
      BranchName: branch,
      PollForSourceChanges: 'false',
      ...(format !== undefined && { OutputArtifactFormat: format }),
    },
  };
}

function localAction(action: ActionDeclaration, sources: Sources): ActionDeclaration {
  const { actionTypeId, configuration = {} } = action;
  const { category, provider } = actionTypeId;
  if (category === 'Source' && (provider === 'CodeCommit' || GIT_SOURCES.has(provider))) return gitSource(action, sources);
  if (category === 'Source' && provider === 'S3') {
    const place = { bucket: configuration['S3Bucket'] ?? '', key: configuration['S3ObjectKey'] ?? '' };
    sources.objects.set(`${place.bucket}/${place.key}`, place);
    return { ...action, configuration: { ...configuration, PollForSourceChanges: 'false' } };
  }
  if (category === 'Source') throw new Failure(`The source ${action.name} (${provider}) cannot be taken from a work tree.`);
  if (category !== 'Approval' || configuration['NotificationArn'] === undefined) return action;
  sources.notes.push(`${action.name}: nobody is notified`);
  const { NotificationArn: _left, ...rest } = configuration;
  return { ...action, configuration: rest };
}

function replaced<T>(value: T, variables: ReadonlyMap<string, string>): T {
  const text = [...variables].reduce((rest, [from, to]) => rest.replaceAll(from, JSON.stringify(to).slice(1, -1)), JSON.stringify(value));
  return JSON.parse(text) as T;
}

const unique = (values: readonly (string | undefined)[]): readonly string[] => [
  ...new Set(values.flatMap((value) => (value === undefined || value === '' || value.includes('#{') ? [] : [value]))),
];

/** The pipeline with its sources taken from the work tree. Throws Failure where that cannot be. */
export function localPipeline(given: PipelineDeclaration, region: string): LocalPipeline {
  const sources: Sources = { repositories: new Map(), objects: new Map(), notes: [], variables: new Map() };
  const stages = given.stages.map((stage) => ({ ...stage, actions: stage.actions.map((action) => localAction(action, sources)) }));
  const { triggers, ...rest } = given;
  if (triggers && triggers.length > 0) sources.notes.push('triggers have no effect');
  const pipeline = replaced({ ...rest, stages }, sources.variables);
  const actions = pipeline.stages.flatMap((stage) => stage.actions);
  const configured = (provider: string, key: string) =>
    actions.flatMap(({ actionTypeId, configuration = {} }) => (actionTypeId.provider === provider ? [configuration[key]] : []));
  const stores = [pipeline.artifactStore, ...Object.values(pipeline.artifactStores ?? {})];
  const deploys = actions.filter(({ actionTypeId }) => actionTypeId.category === 'Deploy' && actionTypeId.provider === 'S3');
  const roles = unique([pipeline.roleArn, ...actions.map(({ roleArn }) => roleArn)]);
  return {
    pipeline,
    account: /^arn:aws[\w-]*:iam::(\d{12}):/.exec(pipeline.roleArn)?.[1] ?? '000000000000',
    region: Object.keys(pipeline.artifactStores ?? {})[0] ?? region,
    roles,
    repositories: [...sources.repositories.values()],
    objects: [...sources.objects.values()],
    projects: unique(configured('CodeBuild', 'ProjectName')),
    artifactBuckets: unique(stores.map((store) => store?.location)),
    deployBuckets: unique(deploys.map(({ configuration }) => configuration?.['BucketName'])),
    notes: sources.notes,
  };
}
