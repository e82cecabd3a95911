import type { CoverageFiles } from './coverage-files.ts';
import { field, isMap, list, type JsonMap } from './json-reader.ts';
import { ReportError } from './types.ts';

/** Lines that nobody could run are null, or the word "ignored". */
function lines(files: CoverageFiles, path: string, hits: readonly unknown[]): void {
  hits.forEach((times, index) => {
    if (typeof times === 'number') files.line(path, index + 1, times, { covered: 0, total: 0 });
  });
}

/** `{condition: {branch: times}}` of a result set, or `[{coverage: times}]` of SimpleCov's JSON formatter. */
function branches(value: unknown): { readonly covered: number; readonly missed: number } {
  const times = isMap(value)
    ? Object.values(value).flatMap((condition) => (isMap(condition) ? Object.values(condition) : []))
    : list(value).map((branch) => field(branch, 'coverage'));
  const known = times.filter((time) => typeof time === 'number');
  const covered = known.filter((time) => time > 0).length;
  return { covered, missed: known.length - covered };
}

function source(files: CoverageFiles, path: string, value: unknown): void {
  files.mention(path);
  // Before 0.18 a file was its lines.
  lines(files, path, Array.isArray(value) ? list(value) : list(field(value, 'lines')));
  const { covered, missed } = branches(field(value, 'branches'));
  files.counts(path, { linesCovered: 0, linesMissed: 0, branchesCovered: covered, branchesMissed: missed });
}

/** The coverage of each command, or of all together. */
function coverages(report: JsonMap): readonly JsonMap[] {
  const whole = field(report, 'coverage');
  const parts = whole === undefined ? Object.values(report).map((command) => field(command, 'coverage')) : [whole];
  return parts.filter(isMap);
}

/** SimpleCov's `.resultset.json`, or the `coverage.json` of its own JSON formatter (not of the gem simplecov-json, which AWS refuses too). */
export function simplecov(value: unknown, files: CoverageFiles): void {
  const found = isMap(value) ? coverages(value) : [];
  if (found.length === 0) throw new ReportError('expected SimpleCov’s result set: {COMMAND: {"coverage": {FILE: …}}}');
  for (const coverage of found) for (const [path, file] of Object.entries(coverage)) source(files, path, file);
}
