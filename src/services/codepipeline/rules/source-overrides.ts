import { errors, type ActionDeclaration, type PipelineDeclaration, type SourceRevisionType } from '../api.gen.ts';
import type { Catalogue, Place } from './catalogue.ts';
import type { RevisionOverride } from './state.ts';

/** What a source takes that says nothing else: all but S3 and ECR keep commits. */
const COMMITS: readonly SourceRevisionType[] = ['COMMIT_ID'];

const invalid = (message: string) => errors.ValidationException(message);

/**
 * Whether an execution may be started on these revisions; throws ValidationException. AWS documents the types and what S3_OBJECT_KEY
 * needs, not its sentences: https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-trigger-source-overrides.html
 */
export function validateOverrides(
  overrides: readonly RevisionOverride[],
  { stages }: PipelineDeclaration,
  actions: Catalogue,
  place: Place,
): void {
  const seen = new Set<string>();
  for (const { action: name, revisionType } of overrides) {
    const action = stages[0]?.actions.find((source) => source.name === name);
    if (!action) throw invalid(`The source revision names the action '${name}', which is no source action of the pipeline.`);
    const key = `${name}/${revisionType}`;
    if (seen.has(key)) throw invalid(`The action '${name}' is given more than one source revision of type ${revisionType}.`);
    seen.add(key);
    const types = actions.find(action.actionTypeId, place)?.revisionTypes ?? COMMITS;
    if (!types.some((type) => type === revisionType)) {
      const what = `${revisionType} is no type of source revision for the action '${name}' of the provider ${action.actionTypeId.provider}`;
      throw invalid(`${what}. Valid values: ${types.join(', ')}`);
    }
    if (revisionType === 'S3_OBJECT_KEY') mayNameKey(action);
  }
}

function mayNameKey({ name, configuration }: ActionDeclaration): void {
  if (configuration?.AllowOverrideForS3ObjectKey !== 'true')
    throw invalid(`The action '${name}' does not let its object key be overridden: AllowOverrideForS3ObjectKey is not true.`);
}
