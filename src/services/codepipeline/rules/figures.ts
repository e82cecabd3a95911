import type { ExecutionRecord } from './history.ts';
import { Spread } from './spread.ts';

/** docs/guides/insight.md defines each figure. Times in ms; `deploymentsPerDay` over the whole range. */
export interface Figures {
  readonly executions: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly superseded: number;
  readonly stopped: number;
  readonly rollbacks: number;
  readonly deploymentsPerDay: number;
  readonly leadTime?: Quantiles;
  /** Lead times that begin with the execution, as the commit's time is not known. */
  readonly leadTimesFromStart: number;
  /** From 0 to 1; absent where no change has ended. */
  readonly changeFailureRate?: number;
  readonly timeToRestore?: Quantiles;
  /** Epoch ms: the last change that ended failed, and none has succeeded since. */
  readonly brokenSince?: number;
}

export interface Quantiles {
  readonly count: number;
  readonly medianMillis: number;
  readonly p90Millis: number;
}

type Counts = {
  -readonly [K in 'executions' | 'succeeded' | 'failed' | 'superseded' | 'stopped' | 'rollbacks' | 'failures' | 'fromStart']: number;
};

/** What is counted over any number of pipelines. */
export class Tally {
  readonly counts: Counts = { executions: 0, succeeded: 0, failed: 0, superseded: 0, stopped: 0, rollbacks: 0, failures: 0, fromStart: 0 };
  readonly leads = new Spread();
  readonly restores = new Spread();

  figures(days: number, brokenSince?: number): Figures {
    const { failures, fromStart, ...counted } = this.counts;
    const ended = counted.succeeded + counted.failed;
    return {
      ...counted,
      deploymentsPerDay: counted.succeeded / days,
      leadTimesFromStart: fromStart,
      ...quantiles('leadTime', this.leads),
      ...(ended > 0 && { changeFailureRate: failures / ended }),
      ...quantiles('timeToRestore', this.restores),
      ...(brokenSince !== undefined && { brokenSince }),
    };
  }
}

function quantiles<K extends string>(name: K, spread: Spread): { readonly [k in K]?: Quantiles } {
  if (spread.count === 0) return {};
  const of = { count: spread.count, medianMillis: spread.quantile(0.5), p90Millis: spread.quantile(0.9) };
  return { [name]: of } as { readonly [k in K]?: Quantiles };
}

interface Lead {
  readonly revisions: string;
  readonly ms: number;
  readonly fromStart: boolean;
}

/** One pipeline's executions, given oldest first; what it counts it counts for each of its tallies. Needs no memory of them. */
export class PipelineHistory {
  readonly #tallies: readonly Tally[];
  /** The newest change that succeeded in each stage: what a rollback by hand takes back. */
  readonly #standing = new Map<string, { readonly id: string; readonly at: number; failed: boolean }>();
  #lastLead: Lead | undefined;
  #brokenSince: number | undefined;

  constructor(tallies: readonly Tally[]) {
    this.#tallies = tallies;
  }

  get brokenSince(): number | undefined {
    return this.#brokenSince;
  }

  add(record: ExecutionRecord): void {
    // One action again delivers nothing.
    if (record.only?.action !== undefined) return;
    this.#count('executions');
    if (record.rollbackOf !== undefined) return this.#rollback(record);
    if (record.status === 'Superseded') this.#count('superseded');
    if (record.status === 'Stopped') this.#count('stopped');
    if (record.status === 'Succeeded') this.#succeeded(record);
    if (record.status === 'Failed') this.#failed(record);
    for (const { stage, status, ended } of record.marks ?? []) {
      if (status === 'Succeeded' && ended !== undefined)
        this.#standing.set(stage, { id: record.id, at: ended, failed: record.status === 'Failed' });
    }
  }

  #count(name: keyof Counts): void {
    for (const { counts } of this.#tallies) counts[name]++;
  }

  #succeeded(record: ExecutionRecord): void {
    this.#count('succeeded');
    this.#restored(record.updatedAt);
    const lead = leadOf(record);
    // The same revisions again are no new change: it was delivered when they first succeeded.
    if (lead.revisions === this.#lastLead?.revisions || record.replayOf !== undefined) return;
    this.#lastLead = lead;
    for (const { leads } of this.#tallies) leads.add(lead.ms);
    if (lead.fromStart) this.#count('fromStart');
  }

  #failed(record: ExecutionRecord): void {
    this.#count('failed');
    this.#count('failures');
    this.#broken(record.updatedAt);
  }

  /** One by itself follows a failure that is counted already; one by hand says that the change that stood there had failed. */
  #rollback(record: ExecutionRecord): void {
    this.#count('rollbacks');
    const undone = record.trigger.type === 'ManualRollback' ? this.#standing.get(record.stage) : undefined;
    if (undone && !undone.failed && undone.id !== record.rollbackOf && undone.at <= record.startedAt) {
      undone.failed = true;
      this.#count('failures');
      this.#broken(record.startedAt);
    }
    if (record.status === 'Succeeded') this.#restored(record.updatedAt);
  }

  #broken(at: number): void {
    if (this.#brokenSince === undefined || at < this.#brokenSince) this.#brokenSince = at;
  }

  #restored(at: number): void {
    if (this.#brokenSince === undefined || at <= this.#brokenSince) return;
    for (const { restores } of this.#tallies) restores.add(at - this.#brokenSince);
    this.#brokenSince = undefined;
  }
}

/** From the newest commit it took to its end; from its start where no source told when that commit was made. */
function leadOf({ revisions, startedAt, updatedAt }: ExecutionRecord): Lead {
  const taken = Object.entries(revisions);
  const times = taken.flatMap(([, { at }]) => at ?? []);
  const fromStart = times.length === 0;
  const since = fromStart ? startedAt : Math.max(...times);
  const key = taken.map(([action, { revisionId }]) => `${action} ${revisionId}`).toSorted();
  return { revisions: key.length === 0 ? `execution ${startedAt}` : key.join(), ms: Math.max(0, updatedAt - since), fromStart };
}
