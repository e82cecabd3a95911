/** The session name under which a pipeline's actions call other services; the execution id follows it. */
export const PIPELINE_SESSION = 'codepipeline-';
