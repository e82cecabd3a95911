import { ReportError, type ReportReader } from './types.ts';

/** JSON has to be held whole; characters. */
const LONGEST = 32 * 1024 * 1024;

/** Gathers a JSON text, of a bounded size, and hands it on when it is whole. */
export class JsonReader implements ReportReader {
  readonly #use: (value: unknown) => void;
  readonly #pieces: string[] = [];
  #length = 0;

  constructor(use: (value: unknown) => void) {
    this.#use = use;
  }

  write(text: string): void {
    this.#length += text.length;
    if (this.#length > LONGEST) throw new ReportError('a JSON report may have 32 MB at most');
    this.#pieces.push(text);
  }

  end(): void {
    const text = this.#pieces.join('').replace(/^\ufeff/, '');
    if (text.trim() === '') throw new ReportError('the file is empty');
    this.#use(parse(text));
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ReportError(`expected JSON: ${(error as SyntaxError).message.slice(0, 200)}`);
  }
}

export type JsonMap = Readonly<Record<string, unknown>>;

export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field of its own: what every object inherits is none. */
export function field(value: unknown, name: string): unknown {
  return isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
