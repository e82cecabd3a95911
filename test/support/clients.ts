import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CodeBuildClient } from '@aws-sdk/client-codebuild';
import { CodeCommitClient } from '@aws-sdk/client-codecommit';
import { CodePipelineClient } from '@aws-sdk/client-codepipeline';
import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import type { Key } from './server.ts';

/** One SDK client per service, for one server. */
export class Clients {
  readonly s3: S3Client;
  readonly codecommit: CodeCommitClient;
  readonly codebuild: CodeBuildClient;
  readonly codepipeline: CodePipelineClient;
  readonly iam: IAMClient;
  readonly logs: CloudWatchLogsClient;
  readonly sts: STSClient;

  constructor({ endpoint, key, region = 'us-east-1' }: { endpoint: string; key: Key & { sessionToken?: string }; region?: string }) {
    const config = { endpoint, region, credentials: key };
    this.s3 = new S3Client({ ...config, forcePathStyle: true });
    this.codecommit = new CodeCommitClient(config);
    this.codebuild = new CodeBuildClient(config);
    this.codepipeline = new CodePipelineClient(config);
    this.iam = new IAMClient(config);
    this.logs = new CloudWatchLogsClient(config);
    this.sts = new STSClient(config);
  }

  /** The messages of a log stream, from its beginning. */
  async log(logGroupName: string, logStreamName: string): Promise<string[]> {
    const messages: string[] = [];
    let nextToken: string | undefined;
    for (;;) {
      const page = await this.logs.send(new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true, nextToken }));
      messages.push(...page.events!.map(({ message = '' }) => message.trimEnd()));
      if (page.nextForwardToken === nextToken) return messages;
      nextToken = page.nextForwardToken;
    }
  }

  close(): void {
    for (const client of [this.s3, this.codecommit, this.codebuild, this.codepipeline, this.iam, this.logs, this.sts]) client.destroy();
  }
}
