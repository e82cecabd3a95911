import type { ActionJob, ActionTools, ArtifactLocation, OutputLocation, Progress, RuleJob } from '../../services/codepipeline/provider.ts';

/** What actions and rules that run a build have in common; a rule has no outputs and no variables to hand on. */
export interface BuildJob extends Pick<RuleJob, 'id' | 'pipeline' | 'role' | 'configuration' | 'inputs' | 'commands'> {
  readonly outputs?: readonly OutputLocation[];
  readonly environmentVariables?: ActionJob['environmentVariables'];
  readonly outputVariables?: ActionJob['outputVariables'];
}

/** What is wrong with a job before anything is started. */
export interface Fault {
  readonly problem: string;
}

/** The verbs of an action or a rule that runs a build. */
export interface BuildVerbs {
  start(job: BuildJob, tools: ActionTools): Promise<Progress>;
  poll(job: BuildJob, ref: { readonly id: string }, tools: ActionTools): Promise<Progress>;
  stop(job: BuildJob, ref: { readonly id: string } | undefined, tools: ActionTools): Promise<void>;
}

export const arnOf = ({ bucket, key }: ArtifactLocation): string => `arn:aws:s3:::${bucket}/${key}`;

export function configurationError(message: string): Progress {
  return { kind: 'failed', reason: 'ConfigurationError', message };
}
