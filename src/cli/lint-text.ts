import { parseBatchspec } from '../services/codebuild/rules/batch/parse.ts';
import { parseBuildspec } from '../services/codebuild/rules/buildspec/parse.ts';
import type { Catalogues } from '../services/codepipeline/rules/catalogue.ts';
import { lintPipeline } from './lint-pipeline.ts';
import type { Problem } from './problem.ts';

const KEY = (names: string) => new RegExp(`(^|[{,])\\s*["']?(${names})["']?\\s*:`, 'm');

const TEMPLATE = 'This is a CloudFormation template; lint reads buildspecs and pipelines.';

/** A file is a pipeline where it has stages or wraps one, and no phases; anything else is read as a buildspec. */
function isPipeline(text: string): boolean {
  return KEY('pipeline|stages').test(text) && !KEY('phases').test(text);
}

/** What is wrong with a file's text, with places; errors first. */
export function lintText(text: string, catalogue: Catalogues): readonly Problem[] {
  // Editors of Windows begin files with a byte order mark; AWS's parsers skip it.
  const bare = text.replace(/^\uFEFF/, '');
  if (KEY('AWSTemplateFormatVersion').test(bare)) return [{ severity: 'error', message: TEMPLATE, line: 1, column: 1, endColumn: 2 }];
  if (isPipeline(bare)) return lintPipeline(bare, catalogue);
  const { errors, warnings } = { errors: [], ...(KEY('batch').test(bare) ? parseBatch(bare) : parseBuildspec(bare)) };
  return [
    ...errors.map((found) => ({ severity: 'error' as const, ...found })),
    ...warnings.map((found) => ({ severity: 'warning' as const, ...found })),
  ];
}

/** A buildspec that may have a batch section: what is wrong with it keeps no single build from running, and every batch. */
function parseBatch(text: string) {
  const buildspec = parseBuildspec(text);
  return 'ok' in buildspec && buildspec.ok.batch !== undefined ? parseBatchspec(text) : buildspec;
}
