import { describe, expect, it } from 'vitest';
import { explainPast, type TriggerSeen } from './explain-past.ts';
import { explainTriggers, type SourceLook } from './explain-triggers.ts';
import type { ExecutionRecord } from './history.ts';
import { emptyPipeline } from './state.ts';

const record = (more: Partial<ExecutionRecord> = {}): ExecutionRecord => ({
  id: 'e1',
  status: 'Succeeded',
  version: 1,
  startedAt: 100,
  updatedAt: 200,
  trigger: { type: 'WebhookV2', detail: 'push' },
  variables: {},
  overrides: [],
  stage: 'Build',
  phase: 'running',
  attempt: 1,
  artifacts: {},
  outputs: {},
  revisions: {},
  mode: 'SUPERSEDED',
  pipelineType: 'V2',
  ...more,
});
const seen = (more: Partial<TriggerSeen>): TriggerSeen => ({
  at: 150,
  source: 'Src',
  event: 'push of main',
  verdict: 'FILTERED',
  reason: 'no file fits',
  ...more,
});
const texts = (records: readonly ExecutionRecord[], triggers: readonly TriggerSeen[] = []) =>
  explainPast(records, new Map(), triggers).map(({ text }) => text);

describe('the past', () => {
  it('tells what triggers saw, with the verdict of their filters, and why each execution began', () => {
    expect(texts([record()], [seen({}), seen({ at: 99, verdict: 'STARTED', reason: 'all filters say yes', executionId: 'e1' })])).toEqual([
      'The execution e1 succeeded.',
      'Src: push of main was filtered out: no file fits.',
      'The execution e1 began: all filters say yes (Src: push of main).',
    ]);
    // What is older than the executions that are told of is left out with them.
    expect(texts([record()], [seen({ at: 50 })])).toHaveLength(2);
    expect(texts([], [seen({ at: 50, verdict: 'FAILED', reason: 'no such branch' })])).toEqual([
      'Src: push of main could not be followed: no such branch.',
    ]);
  });

  it.each([
    [{ type: 'CreatePipeline', detail: 'arn:a' }, 'arn:a created the pipeline'],
    [{ type: 'StartPipelineExecution', detail: 'Replay of e0 by arn:a' }, 'Replay of e0 by arn:a'],
    [{ type: 'PollForSourceChanges', detail: 'Src' }, 'the source action Src had a new revision'],
    [{ type: 'Webhook', detail: 'w' }, 'a webhook was called (w)'],
    [{ type: 'CloudWatchEvent', detail: 'nightly' }, 'the EventBridge rule nightly started it'],
    [{ type: 'PutActionRevision', detail: 'arn:a' }, 'arn:a announced a new revision'],
  ] as const)('says what began it: %j', (trigger, text) => {
    expect(texts([record({ trigger })])[1]).toBe(`The execution e1 began: ${text}.`);
  });

  it('says what a rollback goes back to, and why it came about', () => {
    const back = (type: 'ManualRollback' | 'AutomatedRollback') => texts([record({ rollbackOf: 'e0', trigger: { type, detail: 'x' } })])[1];
    expect(back('ManualRollback')).toBe('The execution e1 began, to roll the stage Build back to the execution e0: x asked for it.');
    expect(back('AutomatedRollback')).toContain('the execution x had failed in it');
  });

  it('says why it failed where no action did, and why it was stopped', () => {
    expect(texts([record({ status: 'Failed', reason: 'The condition failed.' })])[0]).toBe(
      'The execution e1 failed in the stage Build: The condition failed.',
    );
    expect(texts([record({ status: 'Stopped', stop: { abandon: false, reason: 'wrong' } })])[0]).toBe(
      'The execution e1 was stopped at the stage Build: wrong.',
    );
  });
});

describe('what starts it', () => {
  const facts = (source: Partial<SourceLook>, seenRevision?: string) =>
    explainTriggers({
      state: { ...emptyPipeline('a/r/p'), seen: seenRevision === undefined ? {} : { Src: seenRevision } },
      declaration: { name: 'p', roleArn: '', stages: [] },
      records: [record()],
      sources: [{ stage: 'Source', action: 'Src', startedBy: 'watch', found: { revision: 'r1' }, ...source }],
      rules: [],
    }).map(({ text }) => text);

  it('tells a revision that nobody took from one that an earlier execution took', () => {
    expect(facts({})[0]).toBe('The newest revision of the source Source/Src, r1, has been taken by no execution.');
    expect(facts({}, 'r1')[0]).toBe('The newest revision of the source Source/Src, r1, was taken by an earlier execution.');
  });

  it('tells triggers, watching, and neither apart', () => {
    expect(facts({ startedBy: 'trigger' })[1]).toBe('The source Source/Src has a trigger: what passes its filters starts an execution.');
    expect(facts({ startedBy: 'nothing' }).slice(1)).toEqual([
      'The source Source/Src is not watched: a change of it starts nothing by itself.',
      'No EventBridge rule targets the pipeline. Only StartPipelineExecution starts it.',
    ]);
  });

  it('says where a source cannot be looked at', () => {
    expect(facts({ found: { error: 'no answer' } })[0]).toBe('The source Source/Src could not be looked at: no answer');
  });
});
