import { describe, expect, test } from 'vitest';
import type { BuildCommand, BuildEvent } from './events.ts';
import { decide, evolve, receive, StaleLease, wakeAt } from './process.ts';
import { publicEvents } from './public-events.ts';
import { emptyBuild, type BuildSpec, type BuildState } from './state.ts';
import { buildView } from './view.ts';

const spec: BuildSpec = {
  account: '000000000000',
  region: 'us-east-1',
  project: 'site',
  uuid: 'u1',
  number: 1,
  initiator: 'root',
  serviceRole: 'arn:aws:iam::000000000000:role/build',
  source: { type: 'NO_SOURCE', buildspec: 'version: 0.2' },
  secondarySources: [],
  secondaryVersions: {},
  artifacts: { type: 'NO_ARTIFACTS' },
  secondaryArtifacts: [],
  environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
  timeoutMinutes: 60,
  queuedTimeoutMinutes: 5,
};
const MINUTE = 60_000;

/** Applies commands, each at its second, and what follows by itself. */
function play(...inputs: readonly (readonly [number, BuildCommand | 'time'])[]): BuildState {
  let state = emptyBuild('000000000000/us-east-1/site:u1');
  for (const [now, command] of inputs) {
    const step = { now, id: () => 'id' };
    const apply = (events: readonly BuildEvent[]) => events.forEach((event) => (state = evolve(state, event)));
    if (command !== 'time') apply(receive(state, command, step));
    for (let events = decide(state, step); events.length > 0; events = decide(state, step)) apply(events);
  }
  return state;
}

const submit = [0, { type: 'submit', spec }] as const;
const lease = [1000, { type: 'lease', runnerId: 'r', instanceId: 'i', accessKeyId: 'ASIA' }] as const;
const done = { type: 'complete', epoch: 1, status: 'SUCCEEDED', phases: [], exported: [{ name: 'V', value: '7' }], built: [] } as const;

describe('a build', () => {
  test('goes from submitted over leased to its end, with AWS’s phases', () => {
    const phases = [{ phaseType: 'BUILD', phaseStatus: 'SUCCEEDED', startTime: 2000, endTime: 4500 }] as const;
    const view = buildView(play(submit, lease, [5000, { ...done, phases }]));
    expect(view).toMatchObject({ buildStatus: 'SUCCEEDED', buildComplete: true, currentPhase: 'COMPLETED', endTime: 5000 });
    expect(view.phases?.map((phase) => [phase.phaseType, phase.durationInSeconds])).toEqual([
      ['SUBMITTED', 0],
      ['QUEUED', 1],
      ['PROVISIONING', 1],
      ['BUILD', 2],
      ['COMPLETED', undefined],
    ]);
    expect(view.exportedEnvironmentVariables).toEqual([{ name: 'V', value: '7' }]);
  });

  test('times out in the queue', () => {
    const state = play(submit);
    expect(wakeAt(state)).toBe(5 * MINUTE);
    expect(buildView(play(submit, [5 * MINUTE, 'time']))).toMatchObject({ buildStatus: 'TIMED_OUT', buildComplete: true });
  });

  test('is ended a minute after its deadline where its runner says nothing', () => {
    expect(play(submit, lease, [61 * MINUTE, 'time']).status).toBe('IN_PROGRESS');
    expect(play(submit, lease, [61 * MINUTE + 1000, 'time']).status).toBe('TIMED_OUT');
  });

  test('stops at once while it waits, and through its runner when leased', () => {
    expect(play(submit, [10, { type: 'stop' }]).status).toBe('STOPPED');
    expect(play(submit, lease, [2000, { type: 'stop' }])).toMatchObject({ status: 'IN_PROGRESS', stopRequested: true });
  });

  test('is a FAULT when its runner is lost, and only for the lease that was lost', () => {
    const lost = { type: 'lost', epoch: 1, message: 'gone' } as const;
    const state = play(submit, lease, [3000, lost]);
    expect(state.status).toBe('FAULT');
    expect(state.phases.find((phase) => phase.phaseType === 'PROVISIONING')?.contexts).toEqual([{ statusCode: 'FAULT', message: 'gone' }]);
    expect(play(submit, [3000, lost]).status).toBe('IN_PROGRESS');
  });

  test('takes a result once, of its own lease', () => {
    const state = play(submit, lease, [2000, done]);
    const step = { now: 3000, id: () => 'id' };
    expect(() => receive(state, done, step)).toThrow(StaleLease);
    expect(() => receive(play(submit, lease), { ...done, epoch: 2 }, step)).toThrow(StaleLease);
    expect(() => receive(play(submit, lease), lease[1], step)).toThrow(StaleLease);
  });

  test('cannot be deleted while it runs', () => {
    expect(() => receive(play(submit), { type: 'delete' }, { now: 1, id: () => 'id' })).toThrow('in progress');
    expect(play(submit, lease, [2000, done], [3000, { type: 'delete' }]).deleted).toBe(true);
  });

  test('tells the bus of its beginning, of each phase that ended, and of its end', () => {
    const before = play(submit);
    const begun = publicEvents(emptyBuild('x'), before).map(({ detailType, detail }) => [
      detailType,
      detail['build-status'] ?? detail['completed-phase'],
    ]);
    expect(begun).toEqual([
      ['CodeBuild Build State Change', 'IN_PROGRESS'],
      ['CodeBuild Build Phase Change', 'SUBMITTED'],
    ]);
    const ended = publicEvents(play(submit, lease), play(submit, lease, [2000, done]));
    expect(ended.map(({ detail }) => detail['completed-phase'] ?? detail['build-status'])).toEqual(['PROVISIONING', 'SUCCEEDED']);
    expect(ended.at(-1)?.detail['additional-information']).toMatchObject({ 'build-start-time': 'Jan 1, 1970 12:00:00 AM' });
    expect(ended.at(-1)?.detail).toMatchObject({
      'build-id': 'arn:aws:codebuild:us-east-1:000000000000:build/site:u1',
      'current-phase': 'COMPLETED',
      version: '1',
    });
  });
});
