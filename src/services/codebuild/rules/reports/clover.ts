import type { CoverageFiles, Counts } from './coverage-files.ts';
import { count } from './texts.ts';
import type { Attributes, XmlHandler } from './xml-reader.ts';

const none = (): { -readonly [K in keyof Counts]: Counts[K] } => ({
  linesCovered: 0,
  linesMissed: 0,
  branchesCovered: 0,
  branchesMissed: 0,
});

function stated(metrics: Attributes): Counts {
  const [statements, conditionals] = [count(metrics.get('statements')), count(metrics.get('conditionals'))];
  const [covered, taken] = [count(metrics.get('coveredstatements')), count(metrics.get('coveredconditionals'))];
  return {
    linesCovered: covered,
    linesMissed: Math.max(statements - covered, 0),
    branchesCovered: taken,
    branchesMissed: Math.max(conditionals - taken, 0),
  };
}

/** Clover's XML (also of Istanbul and PHPUnit). A file's own metrics count; a file without them is counted by its lines. */
export class Clover implements XmlHandler {
  readonly roots = ['coverage'];
  readonly #files: CoverageFiles;
  #path: string | undefined;
  #metrics: Counts | undefined;
  #lines = none();

  constructor(files: CoverageFiles) {
    this.#files = files;
  }

  open(name: string, attributes: Attributes, path: readonly string[]): void {
    // The coverage of the tests' own code is another thing.
    if (name === 'file' && !path.includes('testproject')) {
      this.#path = attributes.get('path') || attributes.get('name') || '';
      this.#metrics = undefined;
      this.#lines = none();
    } else if (this.#path !== undefined && path.at(-2) === 'file') this.#part(name, attributes);
  }

  text(): void {
    // Clover says everything in attributes.
  }

  close(name: string): void {
    if (name !== 'file' || this.#path === undefined) return;
    this.#files.counts(this.#path, this.#metrics ?? this.#lines);
    this.#path = undefined;
  }

  #part(name: string, attributes: Attributes): void {
    if (name === 'metrics' && attributes.has('statements')) this.#metrics = stated(attributes);
    if (name !== 'line') return;
    const type = attributes.get('type');
    if (type === 'stmt') {
      if (count(attributes.get('count')) > 0) this.#lines.linesCovered++;
      else this.#lines.linesMissed++;
    }
    if (type !== 'cond') return;
    for (const way of ['truecount', 'falsecount']) {
      if (count(attributes.get(way)) > 0) this.#lines.branchesCovered++;
      else this.#lines.branchesMissed++;
    }
  }
}
