import type { CallContext } from '../../../protocol/context.ts';
import type { Api, PipelineFigures } from '../../pipewright/api.gen.ts';
import { pipelineState } from '../operations/tools.ts';
import { PipelineHistory, Tally } from '../rules/figures.ts';
import type { ExecutionRecord } from '../rules/history.ts';
import { sql } from '../tables.ts';
import { keyFor, type InsightTools, type Key } from './tools.ts';

type Operations = Pick<Api, 'getDeliveryFigures'>;

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
/** So many executions are read and counted without a breath: about two milliseconds. */
const PAGE = 100;
const PIPELINES = 200;
/** So many pipelines are shown on their own: those with the most executions. All are counted. */
const MOST_SHOWN = 1_000;

const breath = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The smallest id that is made at that time or later: UUIDs of version 7 begin with it. */
export function firstIdAt(ms: number): string {
  const hex = Math.max(0, ms).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

async function* pages<Row>(read: (after: string) => Promise<readonly Row[]>, last: (row: Row) => string, from: string, size: number) {
  for (let after = from; ;) {
    const rows = await read(after);
    yield rows;
    if (rows.length < size) return;
    after = last(rows.at(-1)!);
    // The database answers without waiting: others get their turn here.
    await breath();
  }
}

async function count(tools: InsightTools, ctx: CallContext, key: Key, history: PipelineHistory, from: string): Promise<void> {
  type Row = { id: string; data: string };
  const read = (after: string) => tools.db.all<Row>(sql.executionsAfter, ...key, after, PAGE);
  for await (const rows of pages<Row>(read, ({ id }) => id, from, PAGE)) {
    ctx.signal.throwIfAborted();
    for (const { data } of rows) history.add(JSON.parse(data) as ExecutionRecord);
  }
}

async function* names(tools: InsightTools, ctx: CallContext): AsyncGenerator<string> {
  type Row = { name: string };
  const read = (after: string) => tools.db.all<Row>(sql.pipelinesAfter, ctx.account, ctx.region, after, PIPELINES);
  for await (const rows of pages<Row>(read, ({ name }) => name, '', PIPELINES)) for (const { name } of rows) yield name;
}

export function figuresOperations(tools: InsightTools): Operations {
  return {
    async getDeliveryFigures({ pipelineName, days = DEFAULT_DAYS }, ctx) {
      if (pipelineName !== undefined) await pipelineState(tools, ctx, pipelineName);
      const now = tools.clock.now();
      const from = now - days * DAY_MS;
      const overall = new Tally();
      const found: PipelineFigures[] = [];
      let brokenSince: number | undefined;
      for await (const name of pipelineName === undefined ? names(tools, ctx) : [pipelineName]) {
        await breath();
        const tally = new Tally();
        const history = new PipelineHistory([tally, overall]);
        await count(tools, ctx, keyFor(ctx, name), history, firstIdAt(from));
        if (history.brokenSince !== undefined) brokenSince = Math.min(brokenSince ?? Infinity, history.brokenSince);
        if (tally.counts.executions === 0 && pipelineName === undefined) continue;
        found.push({ pipelineName: name, figures: tally.figures(days, history.brokenSince) });
      }
      const shown = found.toSorted((a, b) => b.figures.executions - a.figures.executions).slice(0, MOST_SHOWN);
      return {
        fromTime: from,
        toTime: now,
        days,
        overall: overall.figures(days, brokenSince),
        pipelines: shown,
        pipelinesLeftOut: found.length - shown.length,
      };
    },
  };
}
