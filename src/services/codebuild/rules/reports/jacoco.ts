import type { CoverageFiles } from './coverage-files.ts';
import { count } from './texts.ts';
import type { Attributes, XmlHandler } from './xml-reader.ts';

/** JaCoCo's XML: each source file states its own counts. https://www.jacoco.org/jacoco/trunk/coverage/report.dtd */
export class Jacoco implements XmlHandler {
  readonly roots = ['report'];
  readonly #files: CoverageFiles;
  #package = '';
  #source = '';

  constructor(files: CoverageFiles) {
    this.#files = files;
  }

  open(name: string, attributes: Attributes, path: readonly string[]): void {
    if (name === 'package') this.#package = attributes.get('name') ?? '';
    else if (name === 'sourcefile') {
      this.#source = [this.#package, attributes.get('name') ?? ''].filter((part) => part !== '').join('/');
      this.#files.mention(this.#source);
    } else if (name === 'counter' && path.at(-2) === 'sourcefile') this.#count(attributes);
  }

  text(): void {
    // JaCoCo says everything in attributes.
  }

  close(): void {
    // Nothing ends that was not counted at its beginning.
  }

  #count(attributes: Attributes): void {
    const [covered, missed] = [count(attributes.get('covered')), count(attributes.get('missed'))];
    const none = { linesCovered: 0, linesMissed: 0, branchesCovered: 0, branchesMissed: 0 };
    const type = attributes.get('type');
    if (type === 'LINE') this.#files.counts(this.#source, { ...none, linesCovered: covered, linesMissed: missed });
    if (type === 'BRANCH') this.#files.counts(this.#source, { ...none, branchesCovered: covered, branchesMissed: missed });
  }
}
