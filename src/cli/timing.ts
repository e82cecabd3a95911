import type { Command } from 'commander';
import type { GetExecutionTimingOutput, TimingKind, TimingSpan } from '../services/pipewright/api.gen.ts';
import { clientCommand, withClient } from './client-command.ts';
import { isLive, painter, type Paint, type Style } from './paint.ts';
import { duration } from './render.ts';
import { clip } from './screen.ts';
import type { CliTools } from './tools.ts';
import { table } from './words.ts';

interface Given {
  readonly json?: boolean;
}

const WORDS: Readonly<Record<TimingKind, string>> = {
  TRANSITION: 'disabled transitions',
  LOCK: 'waiting for the stage',
  SOURCE: 'sources',
  QUEUE: 'builds in the queue',
  PROVISIONING: 'provisioning',
  BUILD_PHASE: 'build phases',
  ACTION: 'other actions',
  CONDITION: 'conditions',
  APPROVAL: 'waiting for people',
  RETRY: 'failed, until retried',
  ENGINE: 'between the steps',
};
const WAITING: ReadonlySet<TimingKind> = new Set(['TRANSITION', 'LOCK', 'QUEUE', 'APPROVAL', 'RETRY']);
/** Shorter bars tell nothing. */
const LEAST_BAR = 20;

function label({ stageName, actionName, name, kind }: TimingSpan): string {
  const inside = kind === 'BUILD_PHASE' || kind === 'QUEUE' || kind === 'PROVISIONING' || kind === 'ENGINE';
  return [stageName, ...(inside && actionName !== undefined ? [actionName] : []), name].filter((part) => part !== '').join('/');
}

function share(part: number, whole: number): string {
  return `${whole === 0 ? 0 : Math.round((100 * part) / whole)}%`;
}

function shown({ spans }: GetExecutionTimingOutput): readonly TimingSpan[] {
  return spans.filter(({ kind, millis }) => millis > 0 || (kind !== 'LOCK' && kind !== 'ENGINE'));
}

/** A table: what, when it began (from the execution's start), how long, and how much of the whole is its own. */
export function timingTable(timing: GetExecutionTimingOutput): readonly string[] {
  const { startTime, totalMillis } = timing;
  const rows = shown(timing).map((span) => [
    label(span),
    WORDS[span.kind],
    `+${duration(span.startTime - startTime)}`,
    duration(span.millis),
    share(span.millis, totalMillis),
  ]);
  return table([['WHAT', 'KIND', 'BEGAN', 'TOOK', 'SHARE'], ...rows], [2, 3, 4]);
}

function styleOf({ kind, status }: TimingSpan): Style {
  if (status === 'Failed') return 'bad';
  return WAITING.has(kind) ? 'quiet' : kind === 'SOURCE' || kind === 'BUILD_PHASE' || kind === 'ACTION' ? 'good' : 'busy';
}

/** A waterfall as wide as the terminal: each bar begins and ends when what it stands for did. */
export function waterfall(timing: GetExecutionTimingOutput, columns: number, paint: Paint): readonly string[] {
  const spans = shown(timing);
  const width = Math.max(...spans.map((span) => label(span).length), 4);
  const room = Math.max(LEAST_BAR, columns - width - 14);
  const { startTime, totalMillis } = timing;
  const column = (at: number) => Math.min(room - 1, Math.floor((room * (at - startTime)) / Math.max(1, totalMillis)));
  return spans.map((span) => {
    const from = column(span.startTime);
    const bar = (WAITING.has(span.kind) ? '░' : '█').repeat(Math.max(1, column(span.endTime) - from));
    return `${label(span).padEnd(width)} ${duration(span.millis).padStart(8)}  ${' '.repeat(from)}${paint(styleOf(span), bar)}`;
  });
}

function totalLines({ totals, totalMillis }: GetExecutionTimingOutput): readonly string[] {
  const rows = totals
    .filter(({ millis }) => millis > 0)
    .map(({ kind, millis }) => [WORDS[kind], duration(millis), share(millis, totalMillis)]);
  return table([...rows, ['in all', duration(totalMillis), '100%']], [1, 2]);
}

function show(tools: CliTools, timing: GetExecutionTimingOutput): void {
  const paint = painter(tools);
  const columns = tools.stdout.columns || 80;
  const live = isLive(tools);
  const lines = live ? waterfall(timing, columns, paint).map((line) => clip(line, columns)) : timingTable(timing);
  const head = `${paint('strong', timing.pipelineName)} ${timing.pipelineExecutionId}  ${timing.status}`;
  for (const line of [head, '', ...lines, '', ...totalLines(timing)]) tools.stdout.write(`${line}\n`);
}

export function timingCommand(program: Command, tools: CliTools): void {
  clientCommand(program, 'timing <pipeline> [execution]', 'Show where an execution’s time went; the newest where none is named.')
    .option('--json', 'The same as data; times are epoch milliseconds.')
    .addHelpText(
      'after',
      `
Draws a waterfall on a terminal and prints a table elsewhere. The parts add up to the whole: of actions side by side, the one that ended last counts.

Examples:
  $ pipewright timing my-pipeline
  $ pipewright timing my-pipeline 01a1fce9-0f44-7000-930d-2df49f19d06b --json`,
    )
    .action((pipelineName: string, execution: string | undefined, { json }: Given, command: Command) =>
      withClient(tools, command, async (client) => {
        const of = execution !== undefined && { pipelineExecutionId: execution };
        const timing = await client.pipewright.getExecutionTiming({ pipelineName, ...of });
        if (json) tools.stdout.write(`${JSON.stringify(timing)}\n`);
        else show(tools, timing);
      }),
    );
}
