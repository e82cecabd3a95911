import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BatchGetReportsCommand, DescribeTestCasesCommand, RetryBuildBatchCommand, StopBuildBatchCommand } from '@aws-sdk/client-codebuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchPhases, BatchServer, groupOf, groupsOf } from '../support/batches.ts';
import { outputOf } from '../support/builds.ts';

// Its builds wait for files of the test, which no isolated build sees.
process.env['PIPEWRIGHT_BUILD_ISOLATION'] = 'off';

const world = new BatchServer();
beforeAll(() => world.start());
afterAll(() => world.end());

const spec = (batch: string, commands = '["true"]'): string => `version: 0.2\nbatch:\n${batch}\nphases: {build: {commands: ${commands}}}\n`;

describe('a build graph', () => {
  it('runs each task after those it depends on, with its own environment, and is shown as AWS shows it', async () => {
    const batch = await world.runBatch(
      spec(
        `  build-graph:
    - identifier: last
      depend-on: [first]
      env: {variables: {WHO: last}, compute-type: BUILD_GENERAL1_MEDIUM, type: ARM_CONTAINER, privileged-mode: true}
    - identifier: first
      env: {variables: {WHO: first}}`,
        '[\'echo "$WHO $CODEBUILD_BATCH_BUILD_IDENTIFIER"\']',
      ),
    );
    expect(batch.buildBatchStatus).toBe('SUCCEEDED');
    expect(batchPhases(batch)).toEqual(['SUBMITTED SUCCEEDED', 'DOWNLOAD_BATCHSPEC SUCCEEDED', 'IN_PROGRESS SUCCEEDED', 'SUCCEEDED']);
    expect(groupsOf(batch)).toEqual(['last SUCCEEDED', 'first SUCCEEDED']);
    expect(groupOf(batch, 'DOWNLOAD_SOURCE').currentBuildSummary!.buildStatus).toBe('SUCCEEDED');
    expect(groupOf(batch, 'last').dependsOn).toEqual(['first']);
    const [first, last] = [await world.buildOf(batch, 'first'), await world.buildOf(batch, 'last')];
    expect(first.endTime!.getTime()).toBeLessThanOrEqual(last.startTime!.getTime());
    expect(first.buildBatchArn).toBe(batch.arn);
    expect(outputOf(await world.log(first))).toBe('first first\n');
    expect(outputOf(await world.log(last))).toBe('last last\n');
    expect(last.environment).toMatchObject({ computeType: 'BUILD_GENERAL1_MEDIUM', type: 'ARM_CONTAINER', privilegedMode: true });
    expect(batch).toMatchObject({ buildBatchNumber: 1, initiator: 'root', complete: true, currentPhase: 'SUCCEEDED' });
  });
});

describe('a build list', () => {
  it('runs its tasks side by side; a failure that is not ignored fails the batch and leaves the others alone', async () => {
    const batch = await world.runBatch(
      spec(
        `  build-list:
    - {identifier: good, env: {variables: {EXIT: 0}}}
    - {identifier: bad, env: {variables: {EXIT: 3}}}`,
        '["exit $EXIT"]',
      ),
    );
    expect(groupsOf(batch)).toEqual(['good SUCCEEDED', 'bad FAILED']);
    expect(batch.buildBatchStatus).toBe('FAILED');
    expect(batchPhases(batch).slice(2)).toEqual(['IN_PROGRESS CLIENT_ERROR', 'FAILED']);
    expect(batch.phases![2]!.contexts).toEqual([{ statusCode: 'CLIENT_ERROR', message: 'Builds that failed: bad' }]);
  });

  it('succeeds where only ignored builds fail, and what depends on those runs', async () => {
    const batch = await world.runBatch(
      spec(
        `  build-graph:
    - {identifier: bad, ignore-failure: true, env: {variables: {EXIT: 3}}}
    - {identifier: good, depend-on: [bad], env: {variables: {EXIT: 0}}}`,
        '["exit $EXIT"]',
      ),
    );
    expect(groupsOf(batch)).toEqual(['bad FAILED', 'good SUCCEEDED']);
    expect(groupOf(batch, 'bad').ignoreFailure).toBe(true);
    expect(batch.buildBatchStatus).toBe('SUCCEEDED');
  });

  it('never begins what depends on a failure', async () => {
    const batch = await world.runBatch(
      spec(
        `  build-graph:
    - {identifier: bad, env: {variables: {EXIT: 3}}}
    - {identifier: next, depend-on: [bad]}
    - {identifier: far, depend-on: [next]}`,
        '["exit $EXIT"]',
      ),
    );
    expect(groupsOf(batch)).toEqual(['bad FAILED', 'next STOPPED', 'far STOPPED']);
    expect(groupOf(batch, 'next').currentBuildSummary!.primaryArtifact).toBeUndefined();
  });

  it('stops everything at the first failure where fast-fail says so', async () => {
    const batch = await world.runBatch(
      spec(
        `  fast-fail: true
  build-graph:
    - {identifier: long, env: {variables: {COMMAND: sleep 300}}}
    - {identifier: bad, env: {variables: {COMMAND: exit 3}}}
    - {identifier: after, depend-on: [long]}`,
        '["$COMMAND"]',
      ),
    );
    expect(groupsOf(batch)).toEqual(['long STOPPED', 'bad FAILED', 'after STOPPED']);
    expect(batch.buildBatchStatus).toBe('FAILED');
  });
});

describe('a build matrix', () => {
  it('runs every combination', async () => {
    const batch = await world.runBatch(
      spec(
        `  build-matrix:
    static: {env: {variables: {FIXED: f}}}
    dynamic: {env: {variables: {A: [1, 2], B: [x, y]}}}`,
        '["echo $FIXED$A$B"]',
      ),
    );
    expect(groupsOf(batch)).toEqual(['build_1 SUCCEEDED', 'build_2 SUCCEEDED', 'build_3 SUCCEEDED', 'build_4 SUCCEEDED']);
    const outputs: string[] = [];
    for (const index of [1, 2, 3, 4]) outputs.push(outputOf(await world.log(await world.buildOf(batch, `build_${index}`))));
    expect(outputs).toEqual(['f1x\n', 'f1y\n', 'f2x\n', 'f2y\n']);
  });
});

describe('a build fan-out', () => {
  it('shares the tests among its builds', async () => {
    const batch = await world.runBatch(`version: 0.2
batch: {build-fanout: {parallelism: 2}}
phases:
  build:
    commands:
      - mkdir t; touch t/test_1 t/test_2 t/test_3
      - codebuild-tests-run --test-command "echo ran" --files-search "codebuild-glob-search 't/test_*'"
      - codebuild-tests-run --test-command 'echo "$CODEBUILD_CURRENT_SHARD_FILES"' --files-search "ls t"
`);
    expect(groupsOf(batch)).toEqual(['build_1 SUCCEEDED', 'build_2 SUCCEEDED']);
    const outputs: string[] = [];
    for (const index of [1, 2]) outputs.push(outputOf(await world.log(await world.buildOf(batch, `build_${index}`))));
    expect(outputs).toEqual(['ran t/test_1\ntest_1\n', 'ran t/test_2 t/test_3\ntest_2\ntest_3\n']);
  });
});

describe('the reports of a build fan-out', () => {
  it('are one report of the batch', async () => {
    const batch = await world.runBatch(
      `version: 0.2
batch: {build-fanout: {parallelism: 2}}
phases:
  build:
    commands:
      - mkdir t; touch t/test_1 t/test_2 t/test_3
      - codebuild-tests-run --test-command 'sh ./run.sh "$CODEBUILD_CURRENT_SHARD_FILES"' --files-search "ls t"
reports: {unit: {files: out.xml}}
`.replace(
        'mkdir t;',
        `printf '%s\\n' 'for t in $1; do cases="$cases<testcase name=\\"$t\\" time=\\"1\\"/>"; done' 'echo "<testsuite>$cases</testsuite>" >out.xml' >run.sh; mkdir t;`,
      ),
    );
    expect(groupsOf(batch)).toEqual(['build_1 SUCCEEDED', 'build_2 SUCCEEDED']);
    const { reports } = await world.codebuild.send(new BatchGetReportsCommand({ reportArns: batch.reportArns! }));
    expect(reports).toMatchObject([
      { executionId: batch.arn, status: 'SUCCEEDED', testSummary: { total: 3, durationInNanoSeconds: 2_000_000_000 } },
    ]);
    const { testCases } = await world.codebuild.send(new DescribeTestCasesCommand({ reportArn: batch.reportArns![0]! }));
    expect(testCases!.map(({ name }) => name)).toEqual(['test_1', 'test_2', 'test_3']);
    const own = (await world.buildOf(batch, 'build_2')).reportArns!;
    expect(own).toEqual([expect.stringContaining('-unitBuildFanoutShard2:')]);
  });
});

describe('the batchspec', () => {
  it.each([
    ['a circle', '  build-graph: [{identifier: a, depend-on: [b]}, {identifier: b, depend-on: [a]}]', 'in a circle: a -> b -> a'],
    ['an unknown dependency', '  build-graph: [{identifier: a, depend-on: [c]}]', 'a depends on c'],
  ])('with %s fails DOWNLOAD_BATCHSPEC, says why, and shows the line in the log', async (_name, text, message) => {
    const batch = await world.runBatch(spec(text));
    expect(batch.buildBatchStatus).toBe('FAILED');
    expect(batchPhases(batch)).toEqual(['SUBMITTED SUCCEEDED', 'DOWNLOAD_BATCHSPEC CLIENT_ERROR', 'FAILED']);
    expect(batch.phases![1]!.contexts![0]!.message).toContain(message);
    expect(groupsOf(batch)).toEqual([]);
    const reader = await world.buildOf(batch, 'DOWNLOAD_SOURCE');
    expect(reader.phases![3]).toMatchObject({ phaseType: 'DOWNLOAD_SOURCE', contexts: [{ statusCode: 'YAML_FILE_ERROR' }] });
    expect(await world.log(reader)).toMatch(/buildspec:3:\d+/);
  });

  it.each([
    ['too many builds', { maximumBuildsAllowed: 1 }, 'the project allows 1'],
    ['a compute type', { computeTypesAllowed: ['BUILD_GENERAL1_LARGE'] }, 'a asks for the compute type BUILD_GENERAL1_SMALL'],
  ])('that asks for %s more than the project allows is refused', async (_name, restrictions, message) => {
    const text = spec('  build-list: [{identifier: a}, {identifier: b}]');
    const batch = await world.runBatch(text, { buildBatchConfigOverride: { restrictions } });
    expect(batch.phases![1]!.contexts![0]!.message).toContain(message);
    expect(batch.buildBatchStatus).toBe('FAILED');
  });
});

describe('a batch', () => {
  it('is stopped at once, with what runs, and what waits never begins', async () => {
    const { id } = await world.beginBatch(spec('  build-graph: [{identifier: a}, {identifier: b, depend-on: [a]}]', '["sleep 300"]'));
    await world.untilBatch(id!, (batch) => groupsOf(batch).includes('a IN_PROGRESS'));
    await world.codebuild.send(new StopBuildBatchCommand({ id }));
    const batch = await world.batchEnded(id!);
    expect(batch.buildBatchStatus).toBe('STOPPED');
    expect(batchPhases(batch).slice(2)).toEqual(['IN_PROGRESS STOPPED', 'STOPPED']);
    expect(groupsOf(batch)).toEqual(['a STOPPED', 'b STOPPED']);
  });

  it('is retried where it failed: the same batch goes on, and keeps what it did before', async () => {
    const flag = join(world.data, 'mended');
    const { id } = await world.beginBatch(
      spec(
        `  build-graph:
    - {identifier: good, env: {variables: {COMMAND: 'true'}}}
    - {identifier: bad, env: {variables: {COMMAND: 'test -e ${flag}'}}}
    - {identifier: next, depend-on: [bad], env: {variables: {COMMAND: 'true'}}}`,
        '["$COMMAND"]',
      ),
    );
    const before = await world.batchEnded(id!);
    expect(groupsOf(before)).toEqual(['good SUCCEEDED', 'bad FAILED', 'next STOPPED']);
    writeFileSync(flag, '');
    const retry = new RetryBuildBatchCommand({ id, retryType: 'RETRY_FAILED_BUILDS', idempotencyToken: 'once' });
    expect((await world.codebuild.send(retry)).buildBatch!.buildBatchStatus).toBe('IN_PROGRESS');
    await world.codebuild.send(retry);
    const after = await world.batchEnded(id!);
    expect(after.buildBatchStatus).toBe('SUCCEEDED');
    expect(groupsOf(after)).toEqual(['good SUCCEEDED', 'bad SUCCEEDED', 'next SUCCEEDED']);
    const arnOf = (batch: typeof after, name: string) => groupOf(batch, name).currentBuildSummary!.arn;
    expect(arnOf(after, 'good')).toBe(arnOf(before, 'good'));
    expect(groupOf(after, 'bad').priorBuildSummaryList).toMatchObject([{ arn: arnOf(before, 'bad'), buildStatus: 'FAILED' }]);
    expect(groupOf(after, 'next').priorBuildSummaryList ?? []).toEqual([]);
    expect(batchPhases(after).slice(2)).toEqual([
      'IN_PROGRESS CLIENT_ERROR',
      'FAILED RETRY',
      'SUBMITTED SUCCEEDED',
      'IN_PROGRESS SUCCEEDED',
      'SUCCEEDED',
    ]);
    await expect(world.codebuild.send(new RetryBuildBatchCommand({ id }))).rejects.toThrow('only one that has failed');
  });
});
