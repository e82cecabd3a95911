import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contextOf, LEASE_MS, WorkerWorld } from '../testing/workers.ts';

let world: WorkerWorld;
beforeEach(async () => {
  world = await new WorkerWorld().start();
  await world.furnace();
});
afterEach(() => world.close());

const ctx = contextOf();
const succeed = (jobId: string, more: object = {}) => world.api.putJobSuccessResult({ jobId, ...more }, ctx);
const OVER = { code: 'InvalidJobStateException' };

describe('a lease', () => {
  it('that was lost takes no result, not even while the next worker has the job', async () => {
    const execution = await world.line('steel', { Alloy: 'steel' });
    const dead = await world.take();
    world.clock.advance(LEASE_MS + 1);
    const alive = await world.take();
    expect(alive.data!.pipelineContext).toEqual(dead.data!.pipelineContext);
    await expect(succeed(dead.id!, { outputVariables: { From: 'dead' } })).rejects.toMatchObject(OVER);
    const failureDetails = { type: 'JobFailed', message: 'late' } as const;
    await expect(world.api.putJobFailureResult({ jobId: dead.id!, failureDetails }, ctx)).rejects.toMatchObject(OVER);
    expect((await world.action('steel', execution)).status).toBe('InProgress');
    await succeed(alive.id!, { outputVariables: { From: 'alive' } });
    await world.settle();
    expect((await world.action('steel', execution)).output!.outputVariables).toEqual({ From: 'alive' });
  });

  it('ends a minute after the poll where nobody acknowledges, and its nonce with it', async () => {
    await world.line('steel', { Alloy: 'steel' });
    const [silent] = await world.poll();
    world.clock.advance(59_000);
    expect(await world.poll()).toEqual([]);
    world.clock.advance(2_000);
    const [next] = await world.poll();
    expect(next!.nonce).not.toBe(silent!.nonce);
    const late = world.api.acknowledgeJob({ jobId: silent!.id!, nonce: silent!.nonce! }, ctx);
    await expect(late).rejects.toMatchObject({ code: 'InvalidNonceException' });
    await world.api.acknowledgeJob({ jobId: next!.id!, nonce: next!.nonce! }, ctx);
    // It never acknowledged: what it did counts for nobody.
    await expect(succeed(silent!.id!)).rejects.toMatchObject(OVER);
    await succeed(next!.id!);
  });

  it('is renewed by looking at the details', async () => {
    await world.line('steel', { Alloy: 'steel' });
    const job = await world.take();
    for (let n = 0; n < 3; n++) {
      world.clock.advance(LEASE_MS - 1_000);
      await world.api.getJobDetails({ jobId: job.id! }, ctx);
      expect(await world.poll()).toEqual([]);
    }
    await succeed(job.id!);
  });

  it('that nobody took over still counts: its worker was slow, not dead', async () => {
    const execution = await world.line('steel', { Alloy: 'steel' });
    const slow = await world.take();
    world.clock.advance(LEASE_MS * 3);
    await succeed(slow.id!);
    await world.settle();
    expect((await world.action('steel', execution)).status).toBe('Succeeded');
  });

  it('takes the credentials of the one who lost it away', async () => {
    await world.line('steel', { Alloy: 'steel' });
    const dead = await world.take();
    const known = (job: typeof dead) => world.iam.credentials.find(job.data!.artifactCredentials!.accessKeyId);
    expect(await known(dead)).toBeDefined();
    world.clock.advance(LEASE_MS + 1);
    const alive = await world.take();
    expect(await known(dead)).toBeUndefined();
    expect(await known(alive)).toBeDefined();
    const { jobDetails } = await world.api.getJobDetails({ jobId: alive.id! }, ctx);
    await succeed(alive.id!);
    expect(await known(alive)).toBeUndefined();
    expect(await world.iam.credentials.find(jobDetails!.data!.artifactCredentials!.accessKeyId)).toBeUndefined();
  });
});

describe('a continuation token', () => {
  it('comes with the next job, and the one before takes no more results', async () => {
    const execution = await world.line('steel', { Alloy: 'steel' });
    const first = await world.take();
    await succeed(first.id!, { continuationToken: 'half', executionDetails: { externalExecutionId: 'run-1', percentComplete: 50 } });
    const second = await world.take();
    expect(second.data!.continuationToken).toBe('half');
    await expect(succeed(first.id!)).rejects.toMatchObject(OVER);
    await succeed(second.id!);
    await world.settle();
    // What was once said of the worker's own run stays said.
    expect((await world.action('steel', execution)).output!.executionResult).toMatchObject({
      externalExecutionId: 'run-1',
      externalExecutionUrl: 'https://furnace.example.com/runs/run-1',
    });
  });
});

describe('of two results', () => {
  it('one counts, and the other is told so', async () => {
    await world.line('steel', { Alloy: 'steel' });
    const job = await world.take();
    const failureDetails = { type: 'JobFailed', message: 'no' } as const;
    const both = await Promise.allSettled([succeed(job.id!), world.api.putJobFailureResult({ jobId: job.id!, failureDetails }, ctx)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('a restart', () => {
  it('leaves jobs where they are: queued, handed out, acknowledged, done', async () => {
    const executions = await Promise.all(['a', 'b', 'c', 'd'].map((name) => world.line(name, { Alloy: name })));
    const polled = async (name: string) => (await world.poll({ Alloy: name }))[0]!;
    const handedOut = await polled('b');
    const acknowledged = await polled('c');
    await world.api.acknowledgeJob({ jobId: acknowledged.id!, nonce: acknowledged.nonce! }, ctx);
    const done = await polled('d');
    await world.api.acknowledgeJob({ jobId: done.id!, nonce: done.nonce! }, ctx);
    await succeed(done.id!);
    await world.restart();
    expect(await polled('b')).toBeUndefined();
    await world.api.acknowledgeJob({ jobId: handedOut.id!, nonce: handedOut.nonce! }, ctx);
    await succeed(handedOut.id!);
    await succeed(acknowledged.id!);
    const queued = await polled('a');
    await world.api.acknowledgeJob({ jobId: queued.id!, nonce: queued.nonce! }, ctx);
    await succeed(queued.id!);
    await world.settle();
    const ended = await Promise.all(['a', 'b', 'c', 'd'].map((name, n) => world.action(name, executions[n]!)));
    expect(ended.map(({ status }) => status)).toEqual(['Succeeded', 'Succeeded', 'Succeeded', 'Succeeded']);
    await expect(succeed(done.id!)).rejects.toMatchObject(OVER);
  });
});
