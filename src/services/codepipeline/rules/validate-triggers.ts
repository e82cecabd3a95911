import {
  errors,
  type GitPullRequestFilter,
  type GitPushFilter,
  type PipelineDeclaration,
  type PipelineTriggerDeclaration,
} from '../api.gen.ts';

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html; the model counts filters and patterns. */
const MOST_TRIGGERS = 50;

/** AWS knows triggers of connections only; CodeCommit's repositories are ours as well, and tell as much. */
const PROVIDERS = new Set(['CodeStarSourceConnection', 'CodeCommit']);

const invalid = (message: string) => errors.InvalidStructureException(message);

/** Throws InvalidStructureException for the first thing wrong with a pipeline's triggers. */
export function validateTriggers(declaration: PipelineDeclaration): void {
  const { triggers = [], pipelineType = 'V1' } = declaration;
  if (triggers.length === 0) return;
  if (pipelineType !== 'V2') throw invalid('Triggers can only be used in pipelines of type V2.');
  if (triggers.length > MOST_TRIGGERS) throw invalid(`Pipeline has ${triggers.length} triggers. There can be at most ${MOST_TRIGGERS}.`);
  const seen = new Set<string>();
  for (const trigger of triggers) {
    const name = trigger.gitConfiguration.sourceActionName;
    if (seen.has(name)) throw invalid(`There can be at most one trigger per source action. '${name}' has more than one.`);
    seen.add(name);
    validateTrigger(declaration, trigger);
  }
}

function validateTrigger(declaration: PipelineDeclaration, { gitConfiguration }: PipelineTriggerDeclaration): void {
  const { sourceActionName: name, push = [], pullRequest = [] } = gitConfiguration;
  const action = declaration.stages.flatMap(({ actions }) => actions).find((candidate) => candidate.name === name);
  if (!action || action.actionTypeId.category !== 'Source')
    throw invalid(`The trigger names '${name}', which is no source action of the pipeline.`);
  const { provider } = action.actionTypeId;
  if (!PROVIDERS.has(provider))
    throw invalid(`The source action '${name}' is of the provider ${provider}, which does not support triggers.`);
  // Nobody opens pull requests at our CodeCommit yet.
  if (provider === 'CodeCommit' && pullRequest.length > 0)
    throw invalid(`The source action '${name}' is of the provider CodeCommit, which tells of pushes only.`);
  for (const filter of push) validatePush(name, filter);
  for (const filter of pullRequest) validatePullRequest(name, filter);
}

/** Documented: tags, or branches with or without file paths. A sample of AWS's own mixes them, so mixing is let through. */
function validatePush(name: string, { tags, branches, filePaths }: GitPushFilter): void {
  if (!tags && !branches && !filePaths) throw invalid(`A push filter of the trigger for '${name}' is empty.`);
  for (const criteria of [tags, branches, filePaths]) validateCriteria(name, criteria);
}

function validatePullRequest(name: string, { events, branches, filePaths }: GitPullRequestFilter): void {
  if (!events && !branches && !filePaths) throw invalid(`A pull request filter of the trigger for '${name}' is empty.`);
  for (const criteria of [branches, filePaths]) validateCriteria(name, criteria);
}

function validateCriteria(
  name: string,
  criteria: { readonly includes?: readonly string[]; readonly excludes?: readonly string[] } | undefined,
): void {
  if (criteria && !criteria.includes && !criteria.excludes)
    throw invalid(`A filter of the trigger for '${name}' has neither includes nor excludes.`);
}
