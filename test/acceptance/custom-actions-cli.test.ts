import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsCli, type CliVersion } from '../support/aws-cli.ts';
import { StartedServer } from '../support/server.ts';

let server: StartedServer;
beforeAll(async () => {
  server = await StartedServer.start();
});
afterAll(() => server.end());

interface Job {
  readonly id: string;
  readonly nonce: string;
  readonly data: { readonly pipelineContext: { readonly pipelineExecutionId: string } };
}

// Both at once: most of the time is their start-up.
describe.concurrent.each(['v1', 'v2'] as const satisfies CliVersion[])('AWS CLI %s', (version) => {
  const folder = mkdtempSync(join(tmpdir(), `jobs-${version}-`));
  afterAll(() => rmSync(folder, { recursive: true }));
  const type = { category: 'Test', owner: 'Custom', provider: `Scale-${version}`, version: '1' };
  const TYPE = `category=Test,owner=Custom,provider=${type.provider},version=1`;

  const raw = (...args: string[]) => awsCli(version, args, { endpoint: server.endpoint, key: server.key, cwd: folder });
  const aws = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await raw(...args);
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
    return stdout;
  };
  const codepipeline = async <T>(...args: string[]): Promise<T> =>
    JSON.parse((await aws('codepipeline', ...args, '--output', 'json')) || '{}') as T;

  const pipeline = () => {
    const S3 = { category: 'Source', owner: 'AWS', provider: 'S3', version: '1' };
    const configuration = { S3Bucket: `scale-${version}`, S3ObjectKey: 'source.zip', PollForSourceChanges: 'false' };
    const source = { name: 'Object', actionTypeId: S3, configuration, outputArtifacts: [{ name: 'Code' }] };
    const weigh = { name: 'Weigh', actionTypeId: type, configuration: { Unit: 'kg' }, inputArtifacts: [{ name: 'Code' }] };
    return {
      name: `scale-${version}`,
      roleArn: 'arn:aws:iam::000000000000:role/pipeline',
      artifactStore: { type: 'S3', location: `scale-${version}` },
      stages: [
        { name: 'Source', actions: [source] },
        { name: 'Test', actions: [weigh] },
      ],
    };
  };

  it('brings a type, works for it and takes it away', async () => {
    await aws('s3', 'mb', `s3://scale-${version}`);
    writeFileSync(join(folder, 'source.zip'), 'not looked into');
    await aws('s3', 'cp', 'source.zip', `s3://scale-${version}/source.zip`);
    const named = ['--category', 'Test', '--provider', type.provider, '--action-version', '1'];
    const bounds = [
      '--input-artifact-details',
      'minimumCount=1,maximumCount=1',
      '--output-artifact-details',
      'minimumCount=0,maximumCount=0',
    ];
    const unit = ['--configuration-properties', 'name=Unit,required=true,key=true,secret=false,queryable=true'];
    expect(await codepipeline('create-custom-action-type', ...named, ...unit, ...bounds)).toMatchObject({ actionType: { id: type } });
    const listed = await codepipeline<{ actionTypes: { id: object }[] }>('list-action-types', '--action-owner-filter', 'Custom');
    expect(listed.actionTypes.map(({ id }) => id)).toContainEqual(type);
    writeFileSync(join(folder, 'pipeline.json'), JSON.stringify({ pipeline: pipeline() }));
    await codepipeline('create-pipeline', '--cli-input-json', 'file://pipeline.json');

    const job = await server.until('a job', async () => {
      const { jobs } = await codepipeline<{ jobs: Job[] }>('poll-for-jobs', '--action-type-id', TYPE, '--query-param', 'Unit=kg');
      return jobs[0];
    });
    const mine = ['--job-id', job.id];
    expect(await codepipeline('acknowledge-job', ...mine, '--nonce', job.nonce)).toEqual({ status: 'InProgress' });
    const { jobDetails } = await codepipeline<{ jobDetails: { data: object } }>('get-job-details', ...mine);
    expect(jobDetails.data).toMatchObject({ actionConfiguration: { configuration: { Unit: 'kg' } } });
    const details = ['--execution-details', 'summary=weighed,externalExecutionId=w1,percentComplete=100'];
    await codepipeline('put-job-success-result', ...mine, ...details, '--output-variables', 'Weight=12');
    const late = await raw('codepipeline', 'put-job-failure-result', ...mine, '--failure-details', 'type=JobFailed,message=late');
    expect(late.stderr).toContain('InvalidJobStateException');
    const id = job.data.pipelineContext.pipelineExecutionId;
    const get = ['get-pipeline-execution', '--pipeline-name', `scale-${version}`, '--pipeline-execution-id', id];
    await server.until('the end', async () => {
      const { pipelineExecution } = await codepipeline<{ pipelineExecution: { status: string } }>(...get);
      return pipelineExecution.status === 'Succeeded';
    });
    await codepipeline('delete-custom-action-type', ...named);
    expect((await raw('codepipeline', 'poll-for-jobs', '--action-type-id', TYPE)).stderr).toContain('ActionTypeNotFoundException');
  }, 180_000);
});
