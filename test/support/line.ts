import { CreateProjectCommand } from '@aws-sdk/client-codebuild';
import { CreateRepositoryCommand } from '@aws-sdk/client-codecommit';
import {
  CreatePipelineCommand,
  GetPipelineExecutionCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  type ActionDeclaration,
} from '@aws-sdk/client-codepipeline';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import type { Clients } from './clients.ts';
import type { StartedServer } from './server.ts';

const ROLE = 'arn:aws:iam::000000000000:role/line';

function action(name: string, category: string, provider: string, more: Partial<ActionDeclaration>): ActionDeclaration {
  return { name, actionTypeId: { category, owner: 'AWS', provider, version: '1' } as ActionDeclaration['actionTypeId'], ...more };
}

export interface LineOptions {
  /** Names repository, project, bucket and pipeline. */
  readonly name: string;
  readonly buildspec: string;
  /** A stage `Approve` with an action `Ask` at the end. */
  readonly approval?: boolean;
}

/** A pipeline from a repository's branch `main` through a build on the host, and all that it needs. */
export async function createLine(aws: Clients, { name, buildspec, approval = false }: LineOptions): Promise<void> {
  await aws.s3.send(new CreateBucketCommand({ Bucket: name }));
  await aws.codecommit.send(new CreateRepositoryCommand({ repositoryName: name }));
  await aws.codebuild.send(
    new CreateProjectCommand({
      name,
      serviceRole: ROLE,
      source: { type: 'CODEPIPELINE', buildspec },
      artifacts: { type: 'CODEPIPELINE' },
      environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
    }),
  );
  const source = { outputArtifacts: [{ name: 'Code' }], configuration: { RepositoryName: name, BranchName: 'main' } };
  const build = { inputArtifacts: [{ name: 'Code' }], configuration: { ProjectName: name } };
  const stages = [
    { name: 'Source', actions: [action('Checkout', 'Source', 'CodeCommit', source)] },
    { name: 'Build', actions: [action('Compile', 'Build', 'CodeBuild', build)] },
    ...(approval ? [{ name: 'Approve', actions: [action('Ask', 'Approval', 'Manual', {})] }] : []),
  ];
  const pipeline = { name, roleArn: ROLE, artifactStore: { type: 'S3', location: name } as const, stages };
  await aws.codepipeline.send(new CreatePipelineCommand({ pipeline }));
}

/** What happens to one pipeline, as its API tells it. */
export class Line {
  readonly #server: StartedServer;
  readonly #aws: Clients;
  readonly #name: string;

  constructor(server: StartedServer, aws: Clients, name: string) {
    this.#server = server;
    this.#aws = aws;
    this.#name = name;
  }

  async executions() {
    const list = new ListPipelineExecutionsCommand({ pipelineName: this.#name });
    return (await this.#aws.codepipeline.send(list)).pipelineExecutionSummaries!;
  }

  /** The execution of this commit. */
  execution(commit: string): Promise<string> {
    return this.#server.until(`an execution of ${commit}`, async () => {
      const of = ({ sourceRevisions = [] }: { sourceRevisions?: { revisionId?: string }[] }) =>
        sourceRevisions.some(({ revisionId }) => revisionId === commit);
      return (await this.executions()).find(of)?.pipelineExecutionId;
    });
  }

  async actions(pipelineExecutionId: string) {
    const list = new ListActionExecutionsCommand({ pipelineName: this.#name, filter: { pipelineExecutionId } });
    return (await this.#aws.codepipeline.send(list)).actionExecutionDetails!;
  }

  /** The id of the build that the execution has started. */
  build(executionId: string): Promise<string> {
    return this.#server.until(`a build of ${executionId}`, async () => {
      const action = (await this.actions(executionId)).find(({ actionName }) => actionName === 'Compile');
      return action?.output?.executionResult?.externalExecutionId;
    });
  }

  /** The status that the execution ends in. */
  end(pipelineExecutionId: string): Promise<string> {
    return this.#server.until(`the end of ${pipelineExecutionId}`, async () => {
      const get = new GetPipelineExecutionCommand({ pipelineName: this.#name, pipelineExecutionId });
      const { status = '' } = (await this.#aws.codepipeline.send(get)).pipelineExecution!;
      return !['', 'InProgress', 'Stopping'].includes(status) && status;
    });
  }
}
