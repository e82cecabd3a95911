import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { ApprovedSource, PendingApproval } from '../services/pipewright/api.gen.ts';
import { approvalLines } from './approval-text.ts';
import { askDecision, chooseApproval, newestRefusal } from './approve.ts';
import { plain } from './paint.ts';

const T0 = Date.UTC(2026, 0, 1);
const COMMIT = 'abcdef01'.repeat(5);
const approval = (actionName: string, more: Partial<PendingApproval> = {}): PendingApproval => ({
  pipelineExecutionId: 'e1',
  stageName: 'Ask',
  actionName,
  token: `t-${actionName}`,
  since: T0,
  until: T0 + 7 * 86_400_000,
  executionMode: 'SUPERSEDED',
  sources: [],
  otherActions: [],
  ...more,
});
const waiting = [approval('Law'), approval('Boss')];
const newest = {
  pipelineExecutionId: 'e9',
  startTime: T0,
  since: T0,
  transitionEnabled: true,
  revisions: [{ actionName: 'Src', revisionId: COMMIT, revisionSummary: 'Mend it\nall' }],
};

describe('the approval that is meant', () => {
  it('is never guessed between two', () => {
    expect(() => chooseApproval('p', waiting, {})).toThrow(
      'Several approvals wait in p: Ask/Law, Ask/Boss. Choose one with --stage, --action and --execution.',
    );
    expect(chooseApproval('p', waiting, { action: 'Boss' })).toBe(waiting[1]);
    expect(chooseApproval('p', waiting.slice(0, 1), {})).toBe(waiting[0]);
  });

  it('is that of an execution, where several wait at the same one', () => {
    const parallel = [approval('Boss'), approval('Boss', { pipelineExecutionId: 'e2' })];
    expect(() => chooseApproval('p', parallel, {})).toThrow('Ask/Boss of e1, Ask/Boss of e2');
    expect(chooseApproval('p', parallel, { execution: 'e2' })).toBe(parallel[1]);
  });

  it('is told of where nothing fits', () => {
    expect(() => chooseApproval('p', waiting, { stage: 'Build' })).toThrow('these wait: Ask/Law, Ask/Boss');
    expect(() => chooseApproval('p', [], {})).toThrow('No approval waits in p.');
  });
});

describe('the newest instead', () => {
  it.each([
    ['where there is none', {}, 'No newer execution waits'],
    ['where every execution has its turn', { newest, executionMode: 'QUEUED' }, 'QUEUED mode'],
    ['behind a disabled transition', { newest: { ...newest, transitionEnabled: false } }, 'is disabled'],
    ['beside something that runs', { newest, otherActions: ['Migrate'] }, 'still runs Migrate'],
  ])('is refused %s', (_, more, why) => {
    expect(newestRefusal(approval('Boss', more))).toContain(why);
  });

  it('is possible where it waits', () => {
    expect(newestRefusal(approval('Boss', { newest }))).toBeUndefined();
  });
});

describe('asked on a terminal', () => {
  /** Answers each question with the next of these. */
  const answering = (...answers: readonly string[]) => {
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    const left = [...answers];
    stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().endsWith(': ')) setImmediate(() => stdin.write(`${left.shift() ?? 'q'}\n`));
    });
    return { stdin, stdout } as unknown as Parameters<typeof askDecision>[0];
  };

  it('takes what is offered, and asks again for anything else', async () => {
    expect(await askDecision(answering('', 'perhaps', 'y'), approval('Boss'))).toBe('Approved');
    expect(await askDecision(answering('n', 'reject'), approval('Boss'))).toBe('Rejected');
    expect(await askDecision(answering('n'), approval('Boss', { newest }))).toBe('newest');
    await expect(askDecision(answering('q'), approval('Boss'))).rejects.toThrow('Nothing was decided.');
  });
});

describe('what an approval approves', () => {
  const source: ApprovedSource = {
    actionName: 'Src',
    revisionId: COMMIT,
    previousRevisionId: '12345678'.repeat(5),
    relation: 'AHEAD',
    commits: [{ commitId: COMMIT, author: 'Ann', at: T0, subject: 'Mend it' }],
    moreCommits: false,
    files: [
      { path: 'a.txt', insertions: 3, deletions: 1, binary: false },
      { path: 'b.png', insertions: 0, deletions: 0, binary: true },
    ],
    filesChanged: 3,
    insertions: 9,
    deletions: 1,
  };
  const lines = (more: Partial<ApprovedSource>) =>
    approvalLines(approval('Boss', { sources: [{ ...source, ...more }] }), T0 + 60_000, plain).slice(1);

  it('is told with commits, authors, files, and what waits behind it', () => {
    const all = approvalLines(
      approval('Boss', { message: 'Ready?\nreally', reviewUrl: 'https://x', sources: [source], newest, otherActions: ['Migrate'] }),
      T0 + 60_000,
      plain,
    );
    expect(all[0]).toMatch(/^Ask\/Boss of e1 waits for 1m 00s, since .*; it times out in 6d 23h\.$/);
    expect(all.slice(1)).toEqual([
      '  Ready?',
      '  https://x',
      '  Beside it runs Migrate.',
      'Src abcdef01 1 commit since 12345678 passed this stage: 3 files changed, +9 -1',
      expect.stringMatching(/^ {2}abcdef01 20\d\d-\d\d-\d\d Ann: Mend it$/),
      '  a.txt  +3 -1',
      '  b.png  binary',
      '  … and 1 more file',
      'A newer execution waits behind it: e9, for 1m 00s.',
      '  Src abcdef01 Mend it',
    ]);
  });

  it.each([
    [{ relation: 'FIRST' as const, revisionSummary: 'Begin' }, 'Src abcdef01 Begin (nothing has passed this stage before)'],
    [{ relation: 'SAME' as const }, 'Src abcdef01 (the same revision passed this stage last)'],
    [{ relation: 'UNKNOWN' as const }, 'Src abcdef01 (12345678 passed this stage last)'],
    [
      { relation: 'BEHIND' as const },
      'Src abcdef01 goes back from 12345678, which passed this stage last: 1 commit taken away, 3 files changed, +9 -1',
    ],
    [
      { relation: 'AHEAD' as const, moreCommits: true },
      'Src abcdef01 more than 1 commit since 12345678 passed this stage: 3 files changed, +9 -1',
    ],
  ])('says how it relates to the last: %j', (more, head) => {
    expect(lines(more)[0]).toBe(head);
  });

  it('lets no commit move the cursor', () => {
    const evil = { ...source.commits[0]!, subject: 'a\x1b[2Jb', author: '\x07x' };
    expect(lines({ commits: [evil] })[1]).toMatch(/ x: ab$/);
  });
});
