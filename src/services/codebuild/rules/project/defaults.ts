import type { Project, ProjectArtifacts, ProjectEnvironment, ProjectSource } from '../../api.gen.ts';
import { serverTypeOf } from '../source-credentials.ts';
import { isNoVpc } from './settings.ts';

/**
 * What AWS shows of settings that nobody chose; clients compare what they read with what they wrote.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/example_codebuild_CreateProject_section.html
 */
export function withDefaults(project: Project): Project {
  const { name = '', source, artifacts, environment, secondarySources = [], secondaryArtifacts = [] } = project;
  return {
    ...withoutEmpty(project),
    ...(source && { source: fullSource(source) }),
    secondarySources: secondarySources.map(fullSource),
    ...(artifacts && { artifacts: fullArtifacts(artifacts, { name }) }),
    secondaryArtifacts: secondaryArtifacts.map((each) => fullArtifacts(each, {})),
    ...(environment && { environment: fullEnvironment(environment) }),
  };
}

/** A setting that says nothing takes an earlier one away. */
function withoutEmpty({ sourceVersion, vpcConfig, buildBatchConfig, ...project }: Project): Project {
  return {
    ...project,
    ...(sourceVersion !== undefined && sourceVersion !== '' && { sourceVersion }),
    ...(vpcConfig && !isNoVpc(vpcConfig) && { vpcConfig }),
    ...(buildBatchConfig && Object.keys(buildBatchConfig).length > 0 && { buildBatchConfig }),
  };
}

function fullSource(source: ProjectSource): ProjectSource {
  return { insecureSsl: false, ...(serverTypeOf(source.type) && { reportBuildStatus: false }), ...source };
}

/** `name` is what the artifact is called where nobody names it: the project, for the primary one. */
function fullArtifacts(artifacts: ProjectArtifacts, name: { readonly name?: string }): ProjectArtifacts {
  switch (artifacts.type) {
    case 'NO_ARTIFACTS':
      return artifacts;
    case 'CODEPIPELINE':
      return { ...name, packaging: 'NONE', encryptionDisabled: false, ...artifacts };
    case 'S3':
      return { ...name, namespaceType: 'NONE', packaging: 'NONE', encryptionDisabled: false, ...artifacts };
  }
}

function fullEnvironment(environment: ProjectEnvironment): ProjectEnvironment {
  const variables = environment.environmentVariables ?? [];
  return {
    privilegedMode: false,
    imagePullCredentialsType: 'CODEBUILD',
    ...environment,
    environmentVariables: variables.map((variable) => ({ ...variable, type: variable.type ?? 'PLAINTEXT' })),
  };
}
