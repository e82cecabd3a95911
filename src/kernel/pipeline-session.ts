/** Pipelines call other services under this session: whoever is called can say which pipeline and which execution asked. */
const PREFIX = 'codepipeline-';
const ID_LENGTH = 36;

export function pipelineSession(executionId: string, pipeline: string): string {
  return `${PREFIX}${executionId}-${pipeline}`;
}

/** The execution and the pipeline that an assumed-role principal speaks for, or undefined. */
export function pipelineOf(principalArn: string): { readonly executionId: string; readonly pipeline: string } | undefined {
  const session = principalArn.slice(principalArn.lastIndexOf('/') + 1);
  if (!session.startsWith(PREFIX)) return undefined;
  const rest = session.slice(PREFIX.length);
  const pipeline = rest.slice(ID_LENGTH + 1);
  return pipeline === '' ? undefined : { executionId: rest.slice(0, ID_LENGTH), pipeline };
}
