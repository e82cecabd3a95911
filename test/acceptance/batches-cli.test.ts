import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildBatch, DeleteBuildBatchCommandOutput } from '@aws-sdk/client-codebuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { awsCli, type CliVersion } from '../support/aws-cli.ts';
import { groupsOf } from '../support/batches.ts';
import { StartedServer } from '../support/server.ts';

let server: StartedServer;
let folder: string;
beforeAll(async () => {
  server = await StartedServer.start();
  folder = mkdtempSync(join(tmpdir(), 'batches-cli-'));
});
afterAll(async () => {
  await server.end();
  rmSync(folder, { recursive: true });
});

async function codebuild<T>(version: CliVersion, ...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await awsCli(version, ['codebuild', ...args, '--output', 'json'], {
    endpoint: server.endpoint,
    key: server.key,
  });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}

async function project(version: CliVersion, name: string, buildspec: string): Promise<void> {
  const input = {
    name,
    source: { type: 'NO_SOURCE', buildspec },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: 'builds',
    buildBatchConfig: {
      serviceRole: 'batches',
      timeoutInMins: 30,
      restrictions: { maximumBuildsAllowed: 4, computeTypesAllowed: ['BUILD_GENERAL1_SMALL'] },
    },
  };
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(input));
  await codebuild(version, 'create-project', '--cli-input-json', `file://${file}`);
}

async function ended(version: CliVersion, id: string): Promise<BuildBatch> {
  return server.until(`the end of ${id}`, async () => {
    const { buildBatches } = await codebuild<{ buildBatches: BuildBatch[] }>(version, 'batch-get-build-batches', '--ids', id);
    return buildBatches[0]!.complete ? buildBatches[0]! : undefined;
  });
}

const KINDS = {
  graph: ['build-graph: [{identifier: b, depend-on: [a]}, {identifier: a}]', ['b SUCCEEDED', 'a SUCCEEDED']],
  list: ['build-list: [{identifier: a}, {identifier: b, ignore-failure: true}]', ['a SUCCEEDED', 'b SUCCEEDED']],
  matrix: ['build-matrix: {dynamic: {env: {variables: {A: [1, 2]}}}}', ['build_1 SUCCEEDED', 'build_2 SUCCEEDED']],
  fanout: ['build-fanout: {parallelism: 2}', ['build_1 SUCCEEDED', 'build_2 SUCCEEDED']],
} as const;

it.each(['v1', 'v2'] as const)('the AWS CLI %s runs every kind of batch, lists, retries, stops and deletes them', async (version) => {
  const ids: string[] = [];
  for (const [kind, [section, groups]] of Object.entries(KINDS)) {
    const name = `${kind}-${version}`;
    await project(version, name, `version: 0.2\nbatch: {${section}}\nphases: {build: {commands: [test -z "$FAIL"]}}\n`);
    const { buildBatch } = await codebuild<{ buildBatch: BuildBatch }>(version, 'start-build-batch', '--project-name', name);
    expect(groupsOf(await ended(version, buildBatch.id!))).toEqual(groups);
    ids.push(buildBatch.id!);
  }
  const listed = await codebuild<{ ids: string[] }>(
    version,
    'list-build-batches',
    '--filter',
    'status=SUCCEEDED',
    '--sort-order',
    'ASCENDING',
  );
  expect(listed.ids).toEqual(expect.arrayContaining(ids));
  const override = ['--environment-variables-override', 'name=FAIL,value=yes'];
  const { buildBatch } = await codebuild<{ buildBatch: BuildBatch }>(
    version,
    'start-build-batch',
    '--project-name',
    `list-${version}`,
    ...override,
  );
  const failed = await ended(version, buildBatch.id!);
  expect([failed.buildBatchStatus, ...groupsOf(failed)]).toEqual(['FAILED', 'a FAILED', 'b FAILED']);
  await codebuild(version, 'retry-build-batch', '--id', failed.id!, '--retry-type', 'RETRY_FAILED_BUILDS');
  expect((await ended(version, failed.id!)).buildGroups![1]!.priorBuildSummaryList).toHaveLength(1);
  await codebuild(version, 'stop-build-batch', '--id', failed.id!);
  const deleted = await codebuild<DeleteBuildBatchCommandOutput>(version, 'delete-build-batch', '--id', failed.id!);
  expect(deleted.statusCode).toBe('BATCH_DELETED');
  expect(deleted.buildsDeleted).toHaveLength(5);
  const of = await codebuild<{ ids: string[] }>(version, 'list-build-batches-for-project', '--project-name', `list-${version}`);
  expect(of.ids).toEqual([ids[1]]);
});
