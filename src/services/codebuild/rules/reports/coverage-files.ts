import type { FileCoverage } from './types.ts';

interface Line {
  /** Below 0: nobody counts the line, only its branches. */
  hits: number;
  branchesCovered: number;
  branches: number;
}

interface File {
  /** Counts that the report states itself. */
  linesCovered: number;
  linesMissed: number;
  branchesCovered: number;
  branchesMissed: number;
  /** Where it tells of each line. */
  lines: Map<number, Line> | undefined;
}

/** A report may hold so many source files; what comes after them is left out. */
const MOST_FILES = 100_000;
/** And so many lines that are told one by one. */
const MOST_LINES = 5_000_000;

export type Counts = Omit<FileCoverage, 'path'>;

/**
 * The source files of one coverage report, gathered from all of its inputs. Counts of a file that is named twice add up; lines that
 * are told twice (a method's are its class's too, shards run the same files) count once, as well as they were ever reached.
 */
export class CoverageFiles {
  readonly #files = new Map<string, File>();
  #lines = 0;
  /** Something was left out. */
  truncated = false;

  counts(path: string, counts: Counts): void {
    const file = this.#file(path);
    if (!file) return;
    file.linesCovered += counts.linesCovered;
    file.linesMissed += counts.linesMissed;
    file.branchesCovered += counts.branchesCovered;
    file.branchesMissed += counts.branchesMissed;
  }

  /** `hits` below 0: of the line only the branches are told. */
  line(path: string, number: number, hits: number, branches: { readonly covered: number; readonly total: number }): void {
    const file = this.#file(path);
    if (!file) return;
    file.lines ??= new Map();
    const known = file.lines.get(number);
    if (known) {
      known.hits = Math.max(known.hits, hits);
      known.branchesCovered = Math.max(known.branchesCovered, branches.covered);
      known.branches = Math.max(known.branches, branches.total);
    } else if (++this.#lines > MOST_LINES) this.truncated = true;
    else file.lines.set(number, { hits, branchesCovered: branches.covered, branches: branches.total });
  }

  /** A file of which nothing was told counts too. */
  mention(path: string): void {
    this.#file(path);
  }

  /** In the order of their paths. */
  all(): readonly FileCoverage[] {
    return [...this.#files].map(([path, file]) => summed(path, file)).sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  #file(path: string): File | undefined {
    const known = this.#files.get(path);
    if (known) return known;
    if (path === '') return undefined;
    if (this.#files.size >= MOST_FILES) {
      this.truncated = true;
      return undefined;
    }
    const file: File = { linesCovered: 0, linesMissed: 0, branchesCovered: 0, branchesMissed: 0, lines: undefined };
    this.#files.set(path, file);
    return file;
  }
}

function summed(path: string, { lines, ...stated }: File): FileCoverage {
  const counts = { ...stated };
  for (const { hits, branchesCovered, branches } of lines?.values() ?? []) {
    if (hits > 0) counts.linesCovered++;
    else if (hits === 0) counts.linesMissed++;
    counts.branchesCovered += branchesCovered;
    counts.branchesMissed += Math.max(branches - branchesCovered, 0);
  }
  return { path, ...counts };
}
