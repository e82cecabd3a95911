import type { StartBuildInput } from '../../services/codebuild/api.gen.ts';
import type { ArtifactLocation } from '../../services/codepipeline/provider.ts';
import { arnOf } from './job.ts';

type Sources = Pick<StartBuildInput, 'sourceTypeOverride' | 'sourceLocationOverride' | 'sourceVersion' | 'secondarySourcesOverride'>;
type Artifacts = Pick<StartBuildInput, 'artifactsOverride' | 'secondaryArtifactsOverride'>;

/** The input artifacts as a build's sources; the primary one is the folder in which its commands run. */
export function sources(primary: ArtifactLocation, inputs: readonly ArtifactLocation[]): Sources {
  const others = inputs.filter((input) => input !== primary);
  return {
    sourceTypeOverride: 'CODEPIPELINE',
    sourceLocationOverride: arnOf(primary),
    sourceVersion: arnOf(primary),
    secondarySourcesOverride: others.map((input) => ({ type: 'CODEPIPELINE', sourceIdentifier: input.name, location: arnOf(input) })),
  };
}

/** Where an output of the action goes. */
export const target = ({ bucket, key }: ArtifactLocation) => ({ type: 'CODEPIPELINE' as const, location: bucket, path: key });

/** One output is the build's primary artifact; several are all secondary, identified by their names. */
export function artifacts(outputs: readonly ArtifactLocation[] = []): Artifacts {
  const [first, ...others] = outputs;
  if (!first) return { artifactsOverride: { type: 'NO_ARTIFACTS' }, secondaryArtifactsOverride: [] };
  if (others.length === 0) return { artifactsOverride: target(first), secondaryArtifactsOverride: [] };
  const secondaryArtifactsOverride = outputs.map((output) => ({ ...target(output), artifactIdentifier: output.name }));
  return { artifactsOverride: { type: 'NO_ARTIFACTS' }, secondaryArtifactsOverride };
}
