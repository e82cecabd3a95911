import { readFileSync } from 'node:fs';
import { Option as Flag, type Command } from 'commander';
import { codeFrame } from '../kernel/code-frame.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Catalogues } from '../services/codepipeline/rules/catalogue.ts';
import { EXIT, Failure } from './failure.ts';
import type { Problem } from './problem.ts';
import { painter, type Paint } from './paint.ts';
import type { CliTools } from './tools.ts';

interface Checked {
  readonly file: string;
  readonly text: string;
  readonly problem: Problem;
}

/** One slip in YAML's indentation is found again on every line after it. */
const MOST_SHOWN = 20;
/** The standard input, as everywhere. */
const STDIN = '-';

/** `catalogue` brings the action types there are. */
export function lintCommand(program: Command, tools: CliTools, catalogue: () => Promise<Catalogues>): void {
  program
    .command('lint <files...>')
    .description('Check buildspecs and pipelines; errors come with line, column and the lines around them.')
    .addOption(new Flag('--format <format>', 'How to print what was found.').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
A file that has stages is a pipeline (JSON, or YAML), any other a buildspec. Exits with 1 where there are errors; warnings are only shown.

Examples:
  $ pipewright lint buildspec.yml pipeline.json
  $ pipewright lint --format json buildspec.yml
  $ aws codepipeline get-pipeline --name my-pipeline | pipewright lint -`,
    )
    .action(async (files: readonly string[], { format }: { format: 'text' | 'json' }) => {
      // Parsers and rules are loaded by this command only: the others start sooner without them.
      const { lintText } = await import('./lint-text.ts');
      const types = await catalogue();
      const checked = files.flatMap((file) => {
        const text = read(file);
        return lintText(text, types).map((problem) => ({ file, text, problem }));
      });
      report(tools, files.length, checked, format);
    });
}

function report(tools: CliTools, files: number, checked: readonly Checked[], format: 'text' | 'json'): void {
  const errors = checked.filter(({ problem }) => problem.severity === 'error').length;
  if (format === 'json') {
    tools.stdout.write(`${JSON.stringify(checked.map(({ file, problem }) => ({ file, ...problem })))}\n`);
  } else {
    for (const found of checked.slice(0, MOST_SHOWN)) tools.stdout.write(`${frame(found, painter(tools))}\n\n`);
    if (checked.length > MOST_SHOWN) tools.stdout.write(`… and ${checked.length - MOST_SHOWN} more\n\n`);
  }
  if (errors > 0) throw new Failure(`${errors} problem${errors === 1 ? '' : 's'} found.`);
  if (format === 'text') tools.stdout.write(`${files} file${files === 1 ? '' : 's'} checked, nothing wrong.\n`);
}

function frame({ file, text, problem }: Checked, paint: Paint): string {
  const warning = problem.severity === 'warning';
  const message = warning ? `warning: ${problem.message}` : problem.message;
  const style = warning ? 'busy' : 'bad';
  return codeFrame(file, text, { ...problem, message }, (part, shown) => paint(part === 'error' ? style : 'quiet', shown));
}

function read(file: string): string {
  try {
    return readFileSync(file === STDIN ? 0 : file, 'utf8');
  } catch (error) {
    throw new Failure(`${file} cannot be read: ${messageOf(error)}`, EXIT.usage);
  }
}
