import type { Command } from 'commander';
import type { Figures, GetDeliveryFiguresOutput, Spread } from '../services/pipewright/api.gen.ts';
import { clientCommand, withClient } from './client-command.ts';
import { EXIT, Failure } from './failure.ts';
import { painter } from './paint.ts';
import type { CliTools } from './tools.ts';
import { long, table } from './words.ts';

interface Given {
  readonly days: number;
  readonly json?: boolean;
}

const MOST_DAYS = 366;

function days(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > MOST_DAYS)
    throw new Failure(`--days takes a number from 1 to ${MOST_DAYS}, not '${text}'.`, EXIT.usage);
  return number;
}

/** How often, in the unit in which it is a number people can grasp. */
export function frequency(perDay: number): string {
  if (perDay === 0) return 'none';
  if (perDay >= 1) return `${perDay.toFixed(1)} a day`;
  return perDay >= 1 / 7 ? `${(perDay * 7).toFixed(1)} a week` : `${(perDay * 30).toFixed(1)} a month`;
}

const median = (spread: Spread | undefined) => (spread ? long(spread.medianMillis) : '-');

function row(name: string, figures: Figures): readonly string[] {
  const { succeeded, deploymentsPerDay, leadTime, changeFailureRate, timeToRestore } = figures;
  const failure = changeFailureRate === undefined ? '-' : `${Math.round(changeFailureRate * 100)}%`;
  return [name, String(succeeded), frequency(deploymentsPerDay), median(leadTime), failure, median(timeToRestore)];
}

/** The figures as a table, with what has to be said beside them. */
export function figureLines({ overall, pipelines, pipelinesLeftOut, toTime }: GetDeliveryFiguresOutput): readonly string[] {
  const head = ['PIPELINE', 'DEPLOYMENTS', 'FREQUENCY', 'LEAD TIME', 'FAILURES', 'TIME TO RESTORE'];
  const rows = pipelines.map(({ pipelineName, figures }) => row(pipelineName, figures));
  const broken = pipelines.flatMap(({ pipelineName, figures: { brokenSince: since } }) =>
    since === undefined ? [] : [`${pipelineName} has been failing for ${long(toTime - since)}.`],
  );
  const notes = [
    ...broken,
    ...(overall.leadTimesFromStart > 0
      ? [`${overall.leadTimesFromStart} lead times begin with the execution: their commits’ times are not known.`]
      : []),
    ...(pipelinesLeftOut > 0 ? [`${pipelinesLeftOut} more pipelines are counted and not shown.`] : []),
  ];
  const all = pipelines.length === 1 ? [] : [row('in all', overall)];
  return [...table([head, ...rows, ...all], [1, 2, 3, 4, 5]), ...(notes.length > 0 ? ['', ...notes] : [])];
}

export function figuresCommand(program: Command, tools: CliTools): void {
  clientCommand(
    program,
    'figures [pipeline]',
    'Show delivery figures: deployment frequency, lead time, change-failure rate, time to restore.',
  )
    .option('--days <number>', 'How many days back.', days, 30)
    .option('--json', 'The same as data; times are epoch milliseconds.')
    .addHelpText(
      'after',
      '\nTimes are medians; docs/guides/insight.md defines each figure.\n\nExamples:\n  $ pipewright figures\n  $ pipewright figures my-pipeline --days 90',
    )
    .action((pipelineName: string | undefined, given: Given, command: Command) =>
      withClient(tools, command, async (client) => {
        const of = pipelineName !== undefined && { pipelineName };
        const answer = await client.pipewright.getDeliveryFigures({ days: given.days, ...of });
        if (given.json) return void tools.stdout.write(`${JSON.stringify(answer)}\n`);
        if (answer.pipelines.length === 0) return void tools.stdout.write(`Nothing ran in the last ${given.days} days.\n`);
        const [head = '', ...lines] = figureLines(answer);
        tools.stdout.write(`${[painter(tools)('strong', head), ...lines].join('\n')}\n`);
      }),
    );
}
