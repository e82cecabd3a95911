import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  CreateProjectCommand,
  StartBuildCommand,
  type Build,
  type CreateProjectCommandInput,
  type StartBuildCommandInput,
} from '@aws-sdk/client-codebuild';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { S3Client } from '@aws-sdk/client-s3';
import { startServer } from '../../src/main/server.ts';
import { buildOptions } from './build-options.ts';
import { serverProcess } from './server-process.ts';

interface Reached {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A real server with its runner child, on a folder of its own, and SDK clients for it. */
export class BuildServer {
  readonly data: string;
  codebuild!: CodeBuildClient;
  logs!: CloudWatchLogsClient;
  s3!: S3Client;
  endpoint = '';
  credentials!: Reached['credentials'];
  /** Ends the server: in order, or (in a process of its own) by kill -9. */
  #close!: () => Promise<void>;
  #port = 0;
  #projects = 0;

  constructor() {
    this.data = mkdtempSync(join(tmpdir(), 'builds-'));
  }

  async start(): Promise<void> {
    const server = await startServer({
      port: this.#port,
      host: '127.0.0.1',
      data: this.data,
      account: '000000000000',
      region: 'us-east-1',
      auth: 'sigv4',
      allowReset: false,
      ...buildOptions(),
    });
    this.#reached(server, () => server.close());
  }

  /** The server as a process that `stop` kills. */
  async startProcess(): Promise<void> {
    const server = await serverProcess(this.data, this.#port);
    this.#reached(server, () => server.kill());
  }

  #reached({ endpoint, credentials }: Reached, close: () => Promise<void>): void {
    this.#close = close;
    this.#port = Number(new URL(endpoint).port);
    this.endpoint = endpoint;
    this.credentials = credentials;
    const config = { endpoint, region: 'us-east-1', credentials };
    this.codebuild = new CodeBuildClient(config);
    this.logs = new CloudWatchLogsClient(config);
    this.s3 = new S3Client({ ...config, forcePathStyle: true });
  }

  async stop(): Promise<void> {
    for (const client of [this.codebuild, this.logs, this.s3]) client.destroy();
    await this.#close();
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.data, { recursive: true, force: true });
  }

  /** A project on the host whose buildspec is this text, unless `project` says otherwise. */
  async project(buildspec: string | undefined, project: Partial<CreateProjectCommandInput> = {}): Promise<string> {
    const name = `project-${++this.#projects}`;
    await this.codebuild.send(
      new CreateProjectCommand({
        name,
        source: { type: 'NO_SOURCE', ...(buildspec !== undefined && { buildspec }) },
        artifacts: { type: 'NO_ARTIFACTS' },
        environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
        serviceRole: 'arn:aws:iam::000000000000:role/builds',
        ...project,
      }),
    );
    return name;
  }

  async begin(projectName: string, input: Partial<StartBuildCommandInput> = {}): Promise<Build> {
    return (await this.codebuild.send(new StartBuildCommand({ projectName, ...input }))).build!;
  }

  async get(id: string): Promise<Build> {
    return (await this.codebuild.send(new BatchGetBuildsCommand({ ids: [id] }))).builds![0]!;
  }

  /** The build once it fits; looks again after each event of the server. */
  async until(id: string, fits: (build: Build) => boolean): Promise<Build> {
    for (;;) {
      const build = await this.get(id);
      if (fits(build)) return build;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  ended(id: string): Promise<Build> {
    return this.until(id, (build) => build.buildComplete === true);
  }

  async run(
    buildspec: string,
    input: Partial<StartBuildCommandInput> = {},
    project: Partial<CreateProjectCommandInput> = {},
  ): Promise<Build> {
    const { id } = await this.begin(await this.project(buildspec, project), input);
    return this.ended(id!);
  }

  async log(build: Build): Promise<string> {
    const { groupName: logGroupName, streamName: logStreamName } = build.logs!;
    const messages: string[] = [];
    let nextToken: string | undefined;
    for (;;) {
      const page = await this.logs.send(new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true, nextToken }));
      messages.push(...page.events!.map(({ message = '' }) => (message.endsWith('\n') ? message : `${message}\n`)));
      if (page.nextForwardToken === nextToken) return messages.join('');
      nextToken = page.nextForwardToken;
    }
  }
}

/** The log without the agent's own lines. */
export const outputOf = (log: string): string =>
  log
    .split('\n')
    .filter((line) => !line.startsWith('[Container]'))
    .join('\n');

export const phasesOf = (build: Build): string[] => build.phases!.map((phase) => `${phase.phaseType} ${phase.phaseStatus ?? ''}`.trim());
