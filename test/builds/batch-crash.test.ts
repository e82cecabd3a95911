import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BatchServer, groupOf, groupsOf } from '../support/batches.ts';
import { processesOfBuilds } from '../support/workspaces.ts';

// Its builds wait for files of the test, which no isolated build sees.
process.env['PIPEWRIGHT_BUILD_ISOLATION'] = 'off';

let world: BatchServer;
beforeEach(() => void (world = new BatchServer()));
afterEach(() => world.end());

/** Each task waits for a file of its name. */
const spec = (folder: string): string => `version: 0.2
batch: {build-graph: [{identifier: a}, {identifier: b, depend-on: [a]}]}
phases: {build: {commands: ['while [ ! -f ${folder}/$CODEBUILD_BATCH_BUILD_IDENTIFIER ]; do sleep 0.02; done']}}
`;

it('a server killed before each of its builds: the batch goes on, and each build ran once', async () => {
  await world.startProcess();
  const { id } = await world.beginBatch(spec(world.data));
  await world.stop();
  await world.startProcess();
  for (const name of ['a', 'b']) {
    await world.untilBatch(id!, (batch) => groupsOf(batch).includes(`${name} IN_PROGRESS`));
    const { arn } = groupOf(await world.getBatch(id!), name).currentBuildSummary!;
    await world.until(arn!, (build) => build?.currentPhase === 'BUILD');
    await world.stop();
    writeFileSync(join(world.data, name), '');
    await world.startProcess();
  }
  const batch = await world.batchEnded(id!);
  expect(groupsOf(batch)).toEqual(['a SUCCEEDED', 'b SUCCEEDED']);
  expect(batch.buildBatchStatus).toBe('SUCCEEDED');
  expect((await world.buildOf(batch, 'b')).buildNumber).toBe(3);
  expect(processesOfBuilds(world.data)).toEqual([]);
});
