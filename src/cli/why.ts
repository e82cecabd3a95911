import type { Command } from 'commander';
import type { Fact } from '../services/pipewright/api.gen.ts';
import { clientCommand, withClient } from './client-command.ts';
import { painter, type Paint, type Style } from './paint.ts';
import { printable } from './screen.ts';
import type { CliTools } from './tools.ts';
import { long, moment } from './words.ts';

interface Given {
  readonly json?: boolean;
}

const HEADINGS = { NOW: 'Now', PAST: 'Before', ALWAYS: 'What starts it' } as const;

function styleOf({ kind, time }: Fact): Style | undefined {
  if (kind === 'EXECUTION_FAILED' || kind === 'SOURCE_UNREACHABLE') return 'bad';
  if (kind === 'EXECUTION_SUCCEEDED') return 'good';
  return time === 'NOW' && kind !== 'IDLE' ? 'busy' : undefined;
}

function when({ at, until, time }: Fact, now: number): string {
  if (at === undefined) return '';
  if (time === 'PAST') return `${moment(at)}  `;
  const end = until === undefined ? '' : `, times out in ${long(Math.max(0, until - now))}`;
  return `since ${moment(at)} (${long(now - at)}${end})  `;
}

/** Facts as lines, under headings; `now` in epoch ms. */
export function factLines(facts: readonly Fact[], now: number, paint: Paint): readonly string[] {
  return (['NOW', 'PAST', 'ALWAYS'] as const).flatMap((time) => {
    const mine = facts.filter((fact) => fact.time === time);
    if (mine.length === 0) return [];
    const lines = mine.map((fact) => {
      const style = styleOf(fact);
      const text = printable(fact.text.replaceAll(/\s*\n\s*/g, ' '));
      return `  ${paint('quiet', when(fact, now))}${style ? paint(style, text) : text}`;
    });
    return [paint('strong', HEADINGS[time]), ...lines];
  });
}

export function whyCommand(program: Command, tools: CliTools): void {
  clientCommand(program, 'why <pipeline>', 'Say why a pipeline runs or does not: what it waits for, what started it, what failed.')
    .option('--json', 'The same as data; times are epoch milliseconds.')
    .addHelpText('after', '\nExamples:\n  $ pipewright why my-pipeline\n  $ pipewright why my-pipeline --json')
    .action((pipelineName: string, { json }: Given, command: Command) =>
      withClient(tools, command, async (client) => {
        const answer = await client.pipewright.explainPipeline({ pipelineName });
        if (json) tools.stdout.write(`${JSON.stringify(answer)}\n`);
        else for (const line of factLines(answer.facts, Date.now(), painter(tools))) tools.stdout.write(`${line}\n`);
      }),
    );
}
