import { errors, type ActionDeclaration, type PipelineDeclaration } from '../api.gen.ts';
import type { RevisionOverride } from './state.ts';

/** Which types of revision a source takes: https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-trigger-source-overrides.html */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  CodeCommit: ['COMMIT_ID'],
  CodeStarSourceConnection: ['COMMIT_ID'],
  Git: ['COMMIT_ID'],
  GitHub: ['COMMIT_ID'],
  ECR: ['IMAGE_DIGEST'],
  S3: ['S3_OBJECT_VERSION_ID', 'S3_OBJECT_KEY'],
};

/** Throws ValidationException for a revision that names no source action, or is of a type that the source does not take. */
export function validateOverrides({ stages }: PipelineDeclaration, overrides: readonly RevisionOverride[]): void {
  for (const override of overrides) {
    const source = stages[0]!.actions.find(({ name }) => name === override.action);
    if (!source)
      throw errors.ValidationException(
        `The source revision names the action '${override.action}', which is no source action of the pipeline.`,
      );
    validateType(source, override);
  }
}

function validateType({ name, actionTypeId, configuration }: ActionDeclaration, { revisionType }: RevisionOverride): void {
  const types = TYPES[actionTypeId.provider];
  if (types && !types.includes(revisionType))
    throw errors.ValidationException(
      `The source action '${name}' takes no revision of type ${revisionType}. Valid types: ${types.join(', ')}`,
    );
  if (revisionType === 'S3_OBJECT_KEY' && configuration?.AllowOverrideForS3ObjectKey !== 'true')
    throw errors.ValidationException(
      `The source action '${name}' does not allow another S3 object key: AllowOverrideForS3ObjectKey is not true.`,
    );
}
