import type { Ids } from '../../../kernel/ids.ts';
import { write, type Reader, type Write } from '../../../ports/database.ts';
import type { Place } from '../rules/catalogue.ts';
import { gitSql, type DecisionRow } from './tables.ts';

/** How many decisions are kept of each pipeline. */
export const MOST_DECISIONS = 200;

/** STARTED an execution; FILTERED: a filter said no; IGNORED: it was not meant for it, or was known; FAILED: it could not be told. */
export type Verdict = 'STARTED' | 'FILTERED' | 'IGNORED' | 'FAILED';

/** Why something did or did not start a pipeline: what `pipewright why` shows. */
export interface Decision {
  /** Epoch ms. */
  readonly at: number;
  /** The source action, or the webhook. */
  readonly source: string;
  /** What came, for people: `push of branch main (3f2a…)`. */
  readonly event: string;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly executionId?: string;
}

/** The writes that record a decision and let go of the oldest. */
export function recordDecision(ids: Ids, { account, region }: Place, pipeline: string, decision: Decision): Write[] {
  const key = [account, region, pipeline];
  const { at, source, event, verdict, reason, executionId = null } = decision;
  return [
    write(gitSql.insertDecision, [...key, ids.uuid(), at, source, event, verdict, reason, executionId]),
    write(gitSql.pruneDecisions, [...key, ...key, MOST_DECISIONS - 1]),
  ];
}

/** The newest decisions of a pipeline, newest first. */
export async function decisionsOf(db: Reader, { account, region }: Place, pipeline: string, limit: number): Promise<readonly Decision[]> {
  const rows = await db.all<DecisionRow>(gitSql.decisions, account, region, pipeline, limit);
  return rows.map(({ execution, verdict, ...row }) => ({
    ...row,
    verdict: verdict as Verdict,
    ...(execution !== null && { executionId: execution }),
  }));
}
