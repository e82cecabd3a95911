import type { CoverageFiles } from './coverage-files.ts';
import { count } from './texts.ts';
import type { Attributes, XmlHandler } from './xml-reader.ts';

/** `50% (1/2)` */
function branches(attributes: Attributes): { readonly covered: number; readonly total: number } {
  const match = /\((\d+)\s*\/\s*(\d+)\)/.exec(attributes.get('condition-coverage') ?? '');
  if (attributes.get('branch')?.toLowerCase() !== 'true' || !match) return { covered: 0, total: 0 };
  const total = count(match[2]);
  return { covered: Math.min(count(match[1]), total), total };
}

/** Cobertura's XML (also of coverage.py, Coverlet, gcovr): several classes may lie in one file. */
export class Cobertura implements XmlHandler {
  readonly roots = ['coverage'];
  readonly #files: CoverageFiles;
  #path = '';

  constructor(files: CoverageFiles) {
    this.#files = files;
  }

  open(name: string, attributes: Attributes): void {
    if (name === 'class') {
      this.#path = attributes.get('filename') ?? attributes.get('name') ?? '';
      this.#files.mention(this.#path);
    }
    if (name === 'line' && this.#path !== '')
      this.#files.line(this.#path, count(attributes.get('number')), count(attributes.get('hits')), branches(attributes));
  }

  text(): void {
    // Only the sources' folders are text; paths are told relative to them.
  }

  close(name: string): void {
    if (name === 'class') this.#path = '';
  }
}
