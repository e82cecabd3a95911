import { readFileSync } from 'node:fs';
import { Option as Flag, type Command } from 'commander';
import picocolors from 'picocolors';
import { codeFrame, type Located } from '../kernel/code-frame.ts';
import { parseBuildspec } from '../services/codebuild/rules/buildspec/parse.ts';
import type { Catalogue } from '../services/codepipeline/rules/catalogue.ts';
import { EXIT, Failure } from './failure.ts';
import { lintPipeline } from './lint-pipeline.ts';
import type { CliTools } from './tools.ts';

/** A file is a pipeline where it speaks of stages and actions; anything else is read as a buildspec. */
function isPipeline(text: string): boolean {
  return /["']?stages["']?\s*:/.test(text) && /["']?actionTypeId["']?\s*:/.test(text);
}

/** What is wrong with a file's text, with places. */
export function lintText(text: string, catalogue: Catalogue): readonly Located[] {
  if (isPipeline(text)) return lintPipeline(text, catalogue);
  const parsed = parseBuildspec(text);
  return 'errors' in parsed && parsed.errors ? parsed.errors : [];
}

export function lintCommand(program: Command, tools: CliTools, catalogue: Catalogue): void {
  program
    .command('lint <files...>')
    .description('Check buildspecs and pipeline JSON; errors come with line, column and the lines around them.')
    .addOption(new Flag('--format <format>', 'How to print what was found.').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nExamples:\n  $ pipewright lint buildspec.yml pipeline.json\n  $ pipewright lint --format json buildspec.yml')
    .action((files: readonly string[], given: { format: 'text' | 'json' }) => {
      const found = files.flatMap((file) => {
        const text = read(file);
        return lintText(text, catalogue).map((located) => ({ file, text, located }));
      });
      if (given.format === 'json') tools.stdout.write(`${JSON.stringify(found.map(({ file, located }) => ({ file, ...located })))}\n`);
      else for (const { file, text, located } of found) tools.stdout.write(`${codeFrame(file, text, located, painter(tools))}\n\n`);
      if (found.length > 0) throw new Failure(`${found.length} problem${found.length === 1 ? '' : 's'} found.`);
      if (given.format === 'text') tools.stdout.write(`${files.length} file${files.length === 1 ? '' : 's'} checked, nothing wrong.\n`);
    });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure(`${file} cannot be read: ${(error as Error).message}`, EXIT.usage);
  }
}

function painter({ stdout, env }: CliTools): ((part: 'error' | 'hint', text: string) => string) | undefined {
  if (!stdout.isTTY || env.NO_COLOR) return undefined;
  return (part, text) => (part === 'error' ? picocolors.red(text) : picocolors.cyan(text));
}
