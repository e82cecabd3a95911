import type { StageMark } from './state.ts';

/** What an execution's time was spent on. */
export type TimingKind =
  | 'TRANSITION'
  | 'LOCK'
  | 'SOURCE'
  | 'QUEUE'
  | 'PROVISIONING'
  | 'BUILD_PHASE'
  | 'ACTION'
  | 'CONDITION'
  | 'APPROVAL'
  | 'RETRY'
  | 'ENGINE';

/** Something that took time: from, to in epoch ms; `millis` is the part of the whole that it alone accounts for. */
export interface TimingSpan {
  readonly kind: TimingKind;
  readonly name: string;
  readonly stage: string;
  readonly action?: string;
  readonly status?: string;
  readonly from: number;
  readonly to: number;
  readonly millis: number;
}

/** A run of an action or of a condition's rule; without `to` it still runs. */
export interface TimedRun {
  readonly kind: 'SOURCE' | 'ACTION' | 'APPROVAL' | 'CONDITION';
  readonly stage: string;
  readonly name: string;
  readonly status: string;
  readonly from: number;
  readonly to?: number;
  /** Of a build: its phases, by CodeBuild's names. */
  readonly phases?: readonly { readonly type: string; readonly from: number; readonly to?: number }[];
}

export interface Timed {
  readonly from: number;
  readonly to: number;
  readonly marks: readonly StageMark[];
  readonly runs: readonly TimedRun[];
}

/** A span before it is known how much of the whole is its own. */
interface Leaf extends Omit<TimingSpan, 'millis'> {
  /** Who gets the time where several run at once: the higher rank, then the one that all the others' end waits for. */
  readonly rank: number;
  readonly until: number;
}

const RANK = { nothing: 0, stage: 1, waiting: 2, run: 3, phase: 4 } as const;

/**
 * Where an execution's time went: every moment between its start and its end belongs to one span, so the sum of `millis` is the
 * whole. Where actions run side by side, a moment belongs to the one that ended last: it is what the others' stage waited for.
 */
export function timing(timed: Timed): readonly TimingSpan[] {
  const { from, to, marks, runs } = timed;
  const whole: Leaf = { kind: 'ENGINE', name: 'engine', stage: '', from, to, rank: RANK.nothing, until: to };
  const leaves = [
    whole,
    ...marks.flatMap((mark, index) => markLeaves(mark, marks[index + 1], to)),
    ...runs.flatMap((run) => runLeaves(run, to)),
  ]
    .map((leaf) => ({ ...leaf, from: Math.max(from, leaf.from), to: Math.min(to, leaf.to) }))
    .filter((leaf) => leaf.from < leaf.to)
    .toSorted((a, b) => a.from - b.from);
  const own = shares(leaves);
  const spans = leaves.map((leaf, index) => spanOf(leaf, own[index]!));
  return spans.filter(({ kind, millis }) => kind !== 'ENGINE' || millis > 0);
}

function spanOf(leaf: Leaf, millis: number): TimingSpan {
  const { rank: _rank, until: _until, ...span } = leaf;
  return { ...span, millis };
}

function markLeaves(mark: StageMark, next: StageMark | undefined, end: number): Leaf[] {
  const { stage, arrived, entered, ended, closed = [] } = mark;
  const inside = entered ?? end;
  const base = { stage, rank: RANK.waiting };
  const over = ended ?? end;
  const paused = next
    ? [{ ...base, kind: 'RETRY', name: 'until it was retried', from: over, to: next.arrived, until: next.arrived } as const]
    : [];
  return [
    { ...base, kind: 'LOCK', name: 'stage lock', from: arrived, to: inside, until: inside, rank: RANK.stage },
    ...closed.map(({ from, to }) => ({ ...base, kind: 'TRANSITION', name: 'disabled transition', from, to, until: to }) as const),
    ...(entered === undefined
      ? []
      : [{ ...base, kind: 'ENGINE', name: 'engine', from: entered, to: over, until: over, rank: RANK.stage } as const]),
    ...(ended === undefined ? [] : paused),
  ];
}

function runLeaves({ kind, stage, name, status, from, to: ended, phases }: TimedRun, end: number): Leaf[] {
  const to = ended ?? end;
  const base = { stage, status, until: to, ...(kind !== 'CONDITION' && { action: name }) };
  if (!phases?.length) return [{ ...base, kind, name, from, to, rank: RANK.run }];
  const around: Leaf = { ...base, kind: 'ENGINE', name: 'around the build', from, to, rank: RANK.run };
  const inside = phases.map((phase): Leaf => {
    const last = Math.min(phase.to ?? to, to);
    return { ...base, kind: phaseKind(phase.type), name: phase.type, from: Math.max(phase.from, from), to: last, rank: RANK.phase };
  });
  return [around, ...inside];
}

function phaseKind(type: string): TimingKind {
  if (type === 'SUBMITTED' || type === 'QUEUED') return 'QUEUE';
  return type === 'PROVISIONING' ? 'PROVISIONING' : 'BUILD_PHASE';
}

/** How much of the whole is each leaf's own. Leaves are in the order of their beginnings. */
function shares(leaves: readonly Leaf[]): readonly number[] {
  const moments = [...new Set(leaves.flatMap(({ from, to }) => [from, to]))].toSorted((a, b) => a - b);
  const own = leaves.map(() => 0);
  let begun = 0;
  let active: number[] = [];
  moments.forEach((moment, index) => {
    active = active.filter((leaf) => leaves[leaf]!.to > moment);
    for (; begun < leaves.length && leaves[begun]!.from <= moment; begun++) active.push(begun);
    const next = moments[index + 1];
    if (next === undefined) return;
    const owner = active.reduce((best, leaf) => (goesBefore(leaves[leaf]!, leaves[best]!) ? leaf : best));
    own[owner]! += next - moment;
  });
  return own;
}

/** Runs of one stage are compared by their ends first, a phase with the run that it is part of by its rank. */
function goesBefore(a: Leaf, b: Leaf): boolean {
  const bothRun = a.rank >= RANK.run && b.rank >= RANK.run;
  return bothRun && a.until !== b.until ? a.until > b.until : a.rank > b.rank;
}

/** The sum of each kind, largest first. */
export function totals(spans: readonly TimingSpan[]): readonly { readonly kind: TimingKind; readonly millis: number }[] {
  const sums = new Map<TimingKind, number>();
  for (const { kind, millis } of spans) sums.set(kind, (sums.get(kind) ?? 0) + millis);
  return [...sums].map(([kind, millis]) => ({ kind, millis })).toSorted((a, b) => b.millis - a.millis);
}
