import type { CoverageFiles } from './coverage-files.ts';
import { count } from './texts.ts';
import { ReportError, type ReportReader } from './types.ts';

const LONGEST_LINE = 64 * 1024;

/** LCOV's tracefile, line by line: `SF:path`, `DA:line,hits`, `BRDA:line,block,branch,taken`, `end_of_record`. See geninfo(1). */
export class Lcov implements ReportReader {
  readonly #files: CoverageFiles;
  #rest = '';
  #path = '';
  #number = 0;
  /** Branches of the record by their line: a line's stand one by one. */
  #branches = new Map<number, { covered: number; total: number }>();
  #hits = new Map<number, number>();
  #records = 0;

  constructor(files: CoverageFiles) {
    this.#files = files;
  }

  write(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > LONGEST_LINE) throw new ReportError('a line is longer than 64 KB');
    for (const line of lines) this.#line(line.trim());
  }

  end(): void {
    this.#line(this.#rest.trim());
    if (this.#path !== '') throw new ReportError('the file ends too early: end_of_record is missing');
    if (this.#number <= 1 && this.#records === 0) throw new ReportError('the file is empty');
  }

  #line(line: string): void {
    this.#number++;
    const colon = line.indexOf(':');
    const [key, value] = colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)];
    if (key === 'SF') this.#path = value;
    else if (key === 'end_of_record') this.#done();
    else if (key === 'DA' && this.#path !== '') this.#hit(value.split(','));
    else if (key === 'BRDA' && this.#path !== '') this.#branch(value.split(','));
    else if (line !== '' && !/^[A-Z]{2,6}:/.test(line) && !line.startsWith('#'))
      throw new ReportError(`expected a record of LCOV but have ${JSON.stringify(line.slice(0, 40))} (line ${this.#number})`);
  }

  #hit([line, hits]: readonly string[]): void {
    const number = count(line);
    this.#hits.set(number, Math.max(this.#hits.get(number) ?? 0, count(hits)));
  }

  #branch([line, , , taken]: readonly string[]): void {
    const number = count(line);
    const known = this.#branches.get(number) ?? { covered: 0, total: 0 };
    this.#branches.set(number, { covered: known.covered + (count(taken) > 0 ? 1 : 0), total: known.total + 1 });
  }

  #done(): void {
    this.#records++;
    this.#files.mention(this.#path);
    for (const [line, hits] of this.#hits) this.#files.line(this.#path, line, hits, this.#branches.get(line) ?? { covered: 0, total: 0 });
    // A branch may begin on a line where no statement does.
    for (const [line, branches] of this.#branches) if (!this.#hits.has(line)) this.#files.line(this.#path, line, -1, branches);
    this.#path = '';
    this.#hits = new Map();
    this.#branches = new Map();
  }
}
