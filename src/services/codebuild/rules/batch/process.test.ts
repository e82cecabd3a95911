import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BatchCommand, BatchEvent } from './events.ts';
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import { partSpec } from './child.ts';
import { receive } from './receive.ts';
import { emptyBatch, hasEnded, isOpen, type BatchOrder, type BatchState, type Part } from './state.ts';
import type { BatchTask } from './types.ts';
import { batchView } from './view.ts';

const ORDER: BatchOrder = {
  account: '123456789012',
  region: 'us-east-1',
  project: 'p',
  uuid: 'batch',
  number: 1,
  initiator: 'root',
  build: {
    account: '123456789012',
    region: 'us-east-1',
    project: 'p',
    uuid: 'batch',
    number: 1,
    initiator: 'root',
    serviceRole: 'r',
    source: { type: 'CODECOMMIT', location: 'l' },
    secondarySources: [],
    secondaryVersions: {},
    artifacts: { type: 'S3', location: 'bucket', path: 'out' },
    secondaryArtifacts: [],
    environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
    timeoutMinutes: 60,
    queuedTimeoutMinutes: 480,
  },
  config: { serviceRole: 'r', timeoutInMins: 60 },
  timeoutMinutes: 60,
};

/** The aggregate as the engine runs it: a command, then what follows by itself. */
class Play {
  state: BatchState = emptyBatch('b');
  readonly requested: string[] = [];
  readonly stopped: string[] = [];
  #ids = 0;

  send(command: BatchCommand): void {
    this.#apply(receive(this.state, command, this.#step));
    for (let events = decide(this.state, this.#step); events.length > 0; events = decide(this.state, this.#step)) this.#apply(events);
    if (!this.state.merging) return;
    expect(this.state.parts.every(hasEnded)).toBe(true);
    // Nothing that happens while it merges changes how it ends.
    const { status } = this.state.merging;
    this.merges++;
    this.#apply(receive(this.state, { type: 'stop' }, this.#step));
    this.send({ type: 'merged', reportArns: [] });
    expect(this.state.status).toBe(status);
  }

  merges = 0;

  get #step() {
    return { now: 0, id: () => `id${++this.#ids}` };
  }

  #apply(events: readonly BatchEvent[]): void {
    for (const event of events) {
      if (event.type === 'buildRequested') this.#requested(event.identifier);
      if (event.type === 'stopOrdered') this.stopped.push(event.uuid);
      this.state = evolve(this.state, event);
    }
  }

  #requested(identifier: string): void {
    const { task } = this.part(identifier);
    // What it depends on has run, and succeeded or may fail.
    for (const name of task.dependsOn) {
      const { current, task: before } = this.part(name);
      expect(current.begun).toBe(true);
      expect(current.status === 'SUCCEEDED' || (before.ignoreFailure && hasEnded(this.part(name)))).toBe(true);
    }
    this.requested.push(identifier);
  }

  part(identifier: string): Part {
    return this.state.parts.find(({ task }) => task.identifier === identifier)!;
  }

  get running(): readonly Part[] {
    return this.state.parts.filter(({ current: { status } }) => status === 'STARTING' || status === 'IN_PROGRESS');
  }

  /** One of the builds that run goes on: it is there, or it ends. */
  turn(choice: number, fails: boolean): void {
    const part = this.running[choice % this.running.length]!;
    const { uuid, status, stopping } = part.current;
    if (status === 'STARTING') return this.send({ type: 'started', uuid });
    const batchspec = part.kind === 'BATCHSPEC' && !fails ? { batchspec: this.spec } : {};
    this.send({ type: 'ended', uuid, status: stopping ? 'STOPPED' : fails ? 'FAILED' : 'SUCCEEDED', built: [], ...batchspec });
  }

  spec: { fastFail: boolean; tasks: readonly BatchTask[] } = { fastFail: false, tasks: [] };
}

/** Tasks that depend on earlier ones only, so that there is no circle. */
const tasks = fc
  .array(fc.record({ before: fc.array(fc.nat(20), { maxLength: 3 }), ignoreFailure: fc.boolean() }), { minLength: 1, maxLength: 8 })
  .map((drawn): readonly BatchTask[] =>
    drawn.map(({ before, ignoreFailure }, index) => ({
      identifier: `t${index}`,
      dependsOn: index === 0 ? [] : [...new Set(before.map((one) => `t${one % index}`))],
      ignoreFailure,
      variables: [],
    })),
  );

describe('a batch, whatever happens to its builds', () => {
  it('ends; begins nothing too early or twice; succeeds where no failure counts; leaves nothing running', () => {
    fc.assert(
      fc.property(
        tasks,
        fc.record({ fastFail: fc.boolean(), combineArtifacts: fc.boolean(), isFanout: fc.boolean() }),
        fc.array(fc.record({ choice: fc.nat(20), fails: fc.boolean() }), { minLength: 60, maxLength: 60 }),
        fc.option(fc.nat(25), { nil: undefined }),
        (drawn, { fastFail, combineArtifacts, isFanout }, turns, stopAt) => {
          const play = new Play();
          const total = drawn.length;
          play.spec = { fastFail, tasks: isFanout ? drawn.map((task, index) => ({ ...task, shard: { index, total } })) : drawn };
          play.send({ type: 'submit', order: { ...ORDER, config: { ...ORDER.config, combineArtifacts } } });
          for (const [index, { choice, fails }] of turns.entries()) {
            if (index === stopAt) play.send({ type: 'stop' });
            if (play.running.length > 0) play.turn(choice, fails);
          }
          const { state } = play;
          expect(isOpen(state)).toBe(false);
          expect(play.merges).toBe(isFanout && state.parts.some(({ kind, current }) => kind === 'TASK' && current.begun) ? 1 : 0);
          expect(state.parts.every(hasEnded)).toBe(true);
          expect(new Set(play.requested).size).toBe(play.requested.length);
          const bad = state.parts.filter(({ current, task }) => current.status !== 'SUCCEEDED' && !task.ignoreFailure);
          if (state.status === 'SUCCEEDED') expect(bad).toEqual([]);
          else expect(state.status === 'STOPPED' || bad.length > 0).toBe(true);
          if (state.status !== 'STOPPED' && !fastFail && state.read) {
            // Nothing waits for ever behind what is only ignored.
            const skipped = state.parts.filter(({ current }) => !current.begun);
            for (const { task } of skipped) expect(task.dependsOn.some((name) => !isFineFor(play.part(name)))).toBe(true);
          }
          const { complete, phases } = batchView(state);
          expect([complete, phases!.filter(({ endTime }) => endTime === undefined).length]).toEqual([true, 1]);
        },
      ),
      { numRuns: 400 },
    );
  });

  const isFineFor = ({ current, task }: Part): boolean => current.status === 'SUCCEEDED' || (current.begun === true && task.ignoreFailure);
});

describe('a stop', () => {
  it('waits for a build that is just being started, and stops it then', () => {
    const play = new Play();
    play.send({ type: 'submit', order: ORDER });
    play.send({ type: 'stop' });
    expect([play.stopped, isOpen(play.state)]).toEqual([[], true]);
    const { uuid } = play.part('DOWNLOAD_SOURCE').current;
    play.send({ type: 'started', uuid });
    expect(play.stopped).toEqual([uuid]);
    play.send({ type: 'ended', uuid, status: 'STOPPED', built: [] });
    expect(play.state.status).toBe('STOPPED');
  });

  it('counts even where the batchspec has just been read', () => {
    const play = new Play();
    play.spec = { fastFail: false, tasks: [{ identifier: 'a', dependsOn: [], ignoreFailure: false, variables: [] }] };
    play.send({ type: 'submit', order: ORDER });
    play.turn(0, false);
    play.send({ type: 'stop' });
    const { uuid } = play.part('DOWNLOAD_SOURCE').current;
    play.send({ type: 'ended', uuid, status: 'SUCCEEDED', built: [], batchspec: play.spec });
    expect([play.state.status, play.requested]).toEqual(['STOPPED', ['DOWNLOAD_SOURCE']]);
  });
});

describe('word of an earlier try', () => {
  it('changes nothing', () => {
    const play = new Play();
    play.send({ type: 'submit', order: ORDER });
    const { uuid } = play.part('DOWNLOAD_SOURCE').current;
    play.turn(0, true);
    play.turn(0, true);
    play.send({ type: 'retry', all: true });
    play.send({ type: 'ended', uuid, status: 'SUCCEEDED', built: [], batchspec: play.spec });
    expect(play.state.read).toBe(false);
    expect(play.part('DOWNLOAD_SOURCE').prior).toMatchObject([{ uuid, status: 'FAILED' }]);
  });
});

describe('the build of a task', () => {
  const task: BatchTask = {
    identifier: 'a',
    dependsOn: [],
    ignoreFailure: false,
    buildspec: 'a.yml',
    image: 'i',
    fleet: 'arn:aws:codebuild:us-east-1:123456789012:fleet/f:1',
    privilegedMode: true,
    type: 'ARM_CONTAINER',
    variables: [{ name: 'A', value: 'task' }],
  };
  const specOf = (order: Partial<BatchOrder> = {}) => {
    const play = new Play();
    play.spec = { fastFail: false, tasks: [task] };
    play.send({ type: 'submit', order: { ...ORDER, ...order } });
    play.turn(0, false);
    const { uuid } = play.part('DOWNLOAD_SOURCE').current;
    play.send({ type: 'ended', uuid, status: 'SUCCEEDED', built: [], batchspec: play.spec, resolvedSourceVersion: 'commit' });
    return partSpec(play.state, play.part('a'));
  };

  it('is the project’s, with what the task says laid over it, of the commit that the batchspec was read from', () => {
    const environmentVariables = [
      { name: 'A', value: 'project', type: 'PLAINTEXT' as const },
      { name: 'B', value: '/b', type: 'PARAMETER_STORE' as const },
    ];
    const spec = specOf({ build: { ...ORDER.build, environment: { ...ORDER.build.environment, environmentVariables } } });
    expect(spec).toMatchObject({
      source: { type: 'CODECOMMIT', location: 'l', buildspec: 'a.yml' },
      sourceVersion: 'commit',
      artifacts: { type: 'S3', location: 'bucket', path: 'out' },
      batch: { id: 'p:batch', identifier: 'a' },
      environment: {
        type: 'ARM_CONTAINER',
        image: 'i',
        privilegedMode: true,
        fleet: { fleetArn: task.fleet },
        computeType: 'BUILD_GENERAL1_SMALL',
      },
    });
    expect(spec.environment.environmentVariables).toEqual([
      { name: 'A', value: 'task', type: 'PLAINTEXT' },
      { name: 'B', value: '/b', type: 'PARAMETER_STORE' },
    ]);
  });

  it('leaves a zip beside the others where the batch combines them', () => {
    const { artifacts } = specOf({ config: { ...ORDER.config, combineArtifacts: true } });
    expect(artifacts).toEqual({
      type: 'S3',
      location: 'bucket',
      path: 'out/batch',
      name: 'a.zip',
      packaging: 'ZIP',
      namespaceType: 'NONE',
    });
  });
});
