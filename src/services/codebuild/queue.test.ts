import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildQueue } from './queue.ts';
import { refused, World } from './testing/world.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  await world.start();
});
afterEach(() => world.end());

const MINUTE = 60_000;

async function project(name: string, more: { readonly concurrentBuildLimit?: number; readonly queuedTimeoutInMinutes?: number } = {}) {
  await world.call('createProject', {
    name,
    source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\n' },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: 'builds',
    ...more,
  });
}

const start = async (projectName: string) => (await world.call('startBuild', { projectName })).build!.id!;
const look = async (id: string) => (await world.call('batchGetBuilds', { ids: [id] })).builds![0]!;

/** What a runner that asks once is given. */
async function take(): Promise<string | undefined> {
  return (await world.job())?.buildId;
}

async function end(id: string) {
  const arn = (await look(id)).arn!;
  await world.runner.completeBuild({ buildArn: arn, epoch: 1, buildStatus: 'SUCCEEDED', phases: [] }, world.context);
}

describe('builds', () => {
  it('are run in the order of their arrival, whatever their project', async () => {
    await project('aa');
    await project('bb');
    const ids = [await start('bb'), await start('aa'), await start('bb')];
    expect([await take(), await take(), await take(), await take()]).toEqual([...ids, undefined]);
  });

  it('over the project’s limit wait, and hold up nobody else', async () => {
    await project('aa', { concurrentBuildLimit: 1 });
    await project('bb');
    const [first, second, other] = [await start('aa'), await start('aa'), await start('bb')];
    expect([await take(), await take(), await take()]).toEqual([first, other, undefined]);
    await end(first);
    expect(await take()).toBe(second);
  });

  it('heed a limit that is changed or taken away while they wait', async () => {
    await project('aa', { concurrentBuildLimit: 1 });
    const ids = [await start('aa'), await start('aa'), await start('aa')];
    expect([await take(), await take()]).toEqual([ids[0], undefined]);
    await world.call('updateProject', { name: 'aa', concurrentBuildLimit: 2 });
    expect([await take(), await take()]).toEqual([ids[1], undefined]);
    const { project: after } = await world.call('updateProject', { name: 'aa', concurrentBuildLimit: -1 });
    expect(after).not.toHaveProperty('concurrentBuildLimit');
    expect(await take()).toBe(ids[2]);
  });

  it('wake the runner that waits for a place', async () => {
    await project('aa', { concurrentBuildLimit: 1 });
    const [first, second] = [await start('aa'), await start('aa')];
    await take();
    const waiting = world.runner.leaseBuild({ runnerId: 'other', instanceId: 'o', waitSeconds: 20 }, world.context);
    await end(first);
    expect((await waiting).job!.buildId).toBe(second);
  });

  it('keep order and limit over a restart', async () => {
    await project('aa', { concurrentBuildLimit: 1 });
    await project('bb');
    const ids = [await start('aa'), await start('aa'), await start('bb')];
    await take();
    await world.stop();
    await world.start();
    expect([await take(), await take()]).toEqual([ids[2], undefined]);
    await end(ids[0]!);
    expect(await take()).toBe(ids[1]);
  });

  it.each([0, -2])('are not limited to %i', async (concurrentBuildLimit) => {
    expect(await refused(project('aa', { concurrentBuildLimit }))).toMatch(/^InvalidInputException: Invalid concurrent build limit/);
  });
});

describe('time-outs', () => {
  it('end a build that waited too long', async () => {
    await project('aa', { concurrentBuildLimit: 1, queuedTimeoutInMinutes: 5 });
    const [first, second] = [await start('aa'), await start('aa')];
    await take();
    world.clock.advance(5 * MINUTE - 1);
    world.ring();
    await world.settled();
    expect((await look(second)).buildStatus).toBe('IN_PROGRESS');
    world.clock.advance(1);
    world.ring();
    await world.eventually(async () => (await look(second)).buildComplete);
    const build = await look(second);
    expect(build).toMatchObject({ buildStatus: 'TIMED_OUT', buildComplete: true });
    const queued = build.phases!.find(({ phaseType }) => phaseType === 'QUEUED')!;
    expect(queued).toMatchObject({ phaseStatus: 'TIMED_OUT', durationInSeconds: 300 });
    await end(first).catch(() => undefined);
    expect(await take()).toBeUndefined();
  });

  it('tell the runner to end a build that ran too long, and end it without one that does not heed', async () => {
    await project('aa');
    const { build } = await world.call('startBuild', { projectName: 'aa', timeoutInMinutesOverride: 5 });
    await take();
    const beat = () =>
      world.runner.heartbeat({ runnerId: 'runner', instanceId: 'instance', leases: [{ buildArn: build!.arn!, epoch: 1 }] }, world.context);
    expect((await beat()).stop).toEqual([]);
    for (let at = 0; at < 5 * MINUTE; at += 10_000) {
      world.clock.advance(10_000);
      await beat();
    }
    expect((await beat()).stop).toEqual([{ buildArn: build!.arn!, reason: 'TIMED_OUT' }]);
    for (let at = 0; at < MINUTE; at += 10_000) {
      world.clock.advance(10_000);
      await beat();
    }
    world.ring();
    await world.eventually(async () => (await look(build!.id!)).buildComplete);
    expect(await look(build!.id!)).toMatchObject({ buildStatus: 'TIMED_OUT' });
  });

  it('of a stop that comes first are none: a build that waits is stopped at once', async () => {
    await project('aa');
    const id = await start('aa');
    const { build } = await world.call('stopBuild', { id });
    expect(build!.buildStatus).toBe('STOPPED');
    expect(await take()).toBeUndefined();
  });
});

describe('the queue', () => {
  const FLEET = 'arn:fleet';
  const inFleet = { project: 'p', fleet: FLEET };
  const none = new Set<string>();

  it('lets so many onto a fleet as it has room for; the others wait', () => {
    const queue = new BuildQueue();
    queue.fleet(FLEET, { capacity: 1, overflows: false, dedicated: true });
    queue.add('1', inFleet);
    queue.add('2', inFleet);
    expect(queue.next(undefined, none)).toBeUndefined();
    expect(queue.next('arn:other', none)).toBeUndefined();
    expect(queue.next(FLEET, none)).toBe('1');
    queue.leased('1', inFleet);
    expect(queue.next(FLEET, none)).toBeUndefined();
    queue.ended('1');
    expect(queue.next(FLEET, none)).toBe('2');
  });

  it('lets what overflows go to the server’s own runner, where it takes no place in the fleet', () => {
    const queue = new BuildQueue();
    queue.fleet(FLEET, { capacity: 1, overflows: true, dedicated: true });
    for (const id of ['1', '2', '3']) queue.add(id, inFleet);
    expect(queue.next(undefined, none)).toBeUndefined();
    queue.leased('1', inFleet);
    expect(queue.next(undefined, none)).toBe('2');
    queue.leased('2', inFleet);
    queue.ended('2');
    expect(queue.next(FLEET, none)).toBeUndefined();
    queue.ended('1');
    expect(queue.next(FLEET, none)).toBe('3');
  });

  it('serves a fleet without runners of its own from the server’s, within its room', () => {
    const queue = new BuildQueue();
    queue.fleet(FLEET, { capacity: 1, overflows: false, dedicated: false });
    for (const id of ['1', '2']) queue.add(id, inFleet);
    expect(queue.next(undefined, none)).toBe('1');
    queue.leased('1', inFleet);
    expect(queue.next(undefined, none)).toBeUndefined();
    queue.fleet(FLEET, undefined);
    queue.ended('1');
    expect(queue.next(undefined, none)).toBeUndefined();
  });

  it('never runs more than limits and rooms allow, and leaves nobody waiting who could run', () => {
    const action = fc.record({
      take: fc.boolean(),
      project: fc.constantFrom('p', 'q'),
      fleet: fc.constantFrom(undefined, FLEET),
      end: fc.nat(50),
    });
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: 80 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        (steps, limit, room) => {
          const queue = new BuildQueue();
          queue.limit('p', limit);
          queue.fleet(FLEET, { capacity: room, overflows: false, dedicated: true });
          const places = new Map<string, { project: string; fleet?: string }>();
          const running = new Set<string>();
          steps.forEach(({ take, project, fleet, end }, at) => {
            const id = String(at);
            places.set(id, { project, ...(fleet !== undefined && { fleet }) });
            queue.add(id, places.get(id)!);
            const runner = take ? fleet : undefined;
            const next = queue.next(runner, none);
            if (next !== undefined) {
              expect(places.get(next)!.fleet).toBe(runner);
              queue.leased(next, places.get(next)!);
              running.add(next);
            }
            const gone = [...running][end];
            if (gone !== undefined) {
              running.delete(gone);
              queue.ended(gone);
            }
            const of = (test: (place: { project: string; fleet?: string }) => boolean) =>
              [...running].filter((each) => test(places.get(each)!)).length;
            expect(of((place) => place.project === 'p')).toBeLessThanOrEqual(limit);
            expect(of((place) => place.fleet === FLEET)).toBeLessThanOrEqual(room);
          });
          // Whoever still waits gets through, once the others have gone.
          let left = [...running];
          for (let rounds = 0; rounds < 2 * steps.length + 1; rounds++) {
            for (const id of left) queue.ended(id);
            left = [undefined, FLEET].flatMap((runner) => queue.next(runner, none) ?? []);
            for (const id of left) queue.leased(id, places.get(id)!);
          }
          expect(left).toEqual([]);
        },
      ),
    );
  });
});
