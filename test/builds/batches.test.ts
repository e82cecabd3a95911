import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchPhases, BatchServer, groupOf, groupsOf } from '../support/batches.ts';
import { outputOf } from '../support/builds.ts';

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
