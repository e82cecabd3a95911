import { ReportError, type ReportReader } from './types.ts';
import { unescape } from './xml-text.ts';

export type Attributes = ReadonlyMap<string, string>;

/** What is told of a document as it is read; names are local names. */
export interface XmlHandler {
  /** The only names that the document's first element may have. */
  readonly roots: readonly string[];
  /** `path`: the names of the open elements, this one last. */
  open(name: string, attributes: Attributes, path: readonly string[]): void;
  text(text: string): void;
  /** `path` still ends with this element. */
  close(name: string, path: readonly string[]): void;
  end?(): void;
}

const DEEPEST = 256;
/** A tag with all its attributes; some tools put whole outputs into one. Characters. */
const LONGEST_TAG = 8 * 1024 * 1024;
const LONGEST_ENTITY = 12;
const ATTRIBUTE = /\s*([^\s=/>"']+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
const NAME = /[^\s/>"'=<&]+/y;

const SKIPPED = { comment: '-->', instruction: '?>' } as const;
type Mode = 'content' | 'cdata' | keyof typeof SKIPPED;

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function lines(text: string, until: number): number {
  let found = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < until; at = text.indexOf('\n', at + 1)) found++;
  return found;
}

/**
 * Reads XML in pieces, in linear time and in memory that one tag fills at most. Nothing is ever fetched or expanded: a document type
 * that declares anything is refused, one that only names a DTD (JaCoCo and Cobertura write such) is passed over.
 */
export class XmlReader implements ReportReader {
  readonly #handler: XmlHandler;
  readonly #path: string[] = [];
  #buffer = '';
  /** In the buffer: what lies before has been read. */
  #at = 0;
  #line = 1;
  #mode: Mode = 'content';
  #began = false;

  constructor(handler: XmlHandler) {
    this.#handler = handler;
  }

  write(text: string): void {
    this.#buffer += text;
    while (this.#step());
    this.#line += lines(this.#buffer, this.#at);
    this.#buffer = this.#buffer.slice(this.#at);
    this.#at = 0;
    if (this.#buffer.length > LONGEST_TAG) this.#fail('a tag is longer than 8 MB');
  }

  end(): void {
    if (this.#mode === 'content' && !this.#buffer.startsWith('<')) this.#text(this.#buffer);
    else if (this.#buffer !== '' || this.#mode !== 'content') this.#fail('the file ends too early');
    if (this.#path.length > 0) this.#fail(`the file ends too early: <${this.#path.at(-1)}> is not closed`);
    if (!this.#began) this.#fail('the file is empty');
    this.#handler.end?.();
  }

  #fail(message: string): never {
    throw new ReportError(`${message} (line ${this.#line + lines(this.#buffer, this.#at)})`);
  }

  /** Reads on by one piece of markup or text; false where more has to come first. */
  #step(): boolean {
    if (this.#at >= this.#buffer.length) return false;
    if (this.#mode === 'cdata') return this.#until(']]>', (text) => this.#told(text));
    if (this.#mode !== 'content') return this.#until(SKIPPED[this.#mode], () => undefined);
    return this.#buffer[this.#at] === '<' ? this.#markup() : this.#characters();
  }

  #characters(): boolean {
    const next = this.#buffer.indexOf('<', this.#at);
    const end = next < 0 ? this.#beforeCutEntity() : next;
    this.#text(this.#buffer.slice(this.#at, end));
    this.#at = end;
    return next >= 0;
  }

  /** Where the text ends that can be told already: an entity may be cut in two at the end of this piece. */
  #beforeCutEntity(): number {
    const { length } = this.#buffer;
    const from = Math.max(this.#at, length - LONGEST_ENTITY);
    const ampersand = this.#buffer.slice(from).lastIndexOf('&');
    return ampersand < 0 ? length : from + ampersand;
  }

  #text(text: string): void {
    if (this.#path.length > 0) this.#told(unescape(text, (message) => this.#fail(message)));
    else if (text.replace('\ufeff', '').trim() !== '') this.#fail(`expected XML but have ${JSON.stringify(text.trim().slice(0, 1))}`);
  }

  #told(text: string): void {
    if (this.#path.length > 0) this.#handler.text(text);
  }

  /** Reads to the end of a comment, an instruction or a CDATA section, or as far as has come. */
  #until(closing: string, tell: (text: string) => void): boolean {
    const found = this.#buffer.indexOf(closing, this.#at);
    const end = found < 0 ? Math.max(this.#at, this.#buffer.length - closing.length + 1) : found;
    tell(this.#buffer.slice(this.#at, end));
    this.#at = found < 0 ? end : found + closing.length;
    if (found >= 0) this.#mode = 'content';
    return found >= 0;
  }

  #markup(): boolean {
    const rest = this.#buffer.slice(this.#at, this.#at + 9);
    const enter = (opening: string, mode: Mode): true => {
      this.#at += opening.length;
      this.#mode = mode;
      return true;
    };
    if (rest.startsWith('<!--')) return enter('<!--', 'comment');
    if (rest.startsWith('<![CDATA[')) return enter('<![CDATA[', 'cdata');
    if (rest.startsWith('<?')) return enter('<?', 'instruction');
    if (rest.startsWith('<!') || rest === '<') return rest.length === 9 && this.#documentType();
    const end = this.#tagEnd();
    if (end < 0) return false;
    if (rest.startsWith('</')) this.#close(this.#buffer.slice(this.#at + 2, end));
    else this.#open(this.#buffer.slice(this.#at + 1, end));
    this.#at = end + 1;
    return true;
  }

  /** The `>` that ends this tag: those inside of quotes do not. -1 where it has not come yet. */
  #tagEnd(): number {
    const stops = /[>"']/g;
    stops.lastIndex = this.#at;
    for (let match = stops.exec(this.#buffer); match; match = stops.exec(this.#buffer)) {
      if (match[0] === '>') return match.index;
      const closing = this.#buffer.indexOf(match[0], match.index + 1);
      if (closing < 0) return -1;
      stops.lastIndex = closing + 1;
    }
    return -1;
  }

  #documentType(): boolean {
    if (!/^<!DOCTYPE/i.test(this.#buffer.slice(this.#at, this.#at + 9)) || this.#began) this.#fail('markup that has no place here');
    const end = this.#tagEnd();
    const bracket = this.#buffer.indexOf('[', this.#at);
    if (bracket >= 0 && (end < 0 || bracket < end)) this.#fail('a document type with declarations is refused');
    if (end < 0) return false;
    this.#at = end + 1;
    return true;
  }

  #open(tag: string): void {
    const closed = tag.endsWith('/');
    NAME.lastIndex = 0;
    const name = local(NAME.exec(tag)?.[0] ?? '');
    if (name === '') this.#fail('a tag has no name');
    if (this.#path.length === 0) this.#root(name);
    if (this.#path.length >= DEEPEST) this.#fail(`elements are nested more than ${DEEPEST} deep`);
    const attributes = this.#attributes(tag, NAME.lastIndex, closed ? tag.length - 1 : tag.length);
    this.#path.push(name);
    this.#handler.open(name, attributes, this.#path);
    if (!closed) return;
    this.#handler.close(name, this.#path);
    this.#path.pop();
  }

  #root(name: string): void {
    if (this.#began) this.#fail('there is more than one document');
    this.#began = true;
    const { roots } = this.#handler;
    if (!roots.includes(name)) this.#fail(`expected element type ${roots.map((root) => `<${root}>`).join(' or ')} but have <${name}>`);
  }

  #attributes(tag: string, from: number, to: number): Attributes {
    const attributes = new Map<string, string>();
    ATTRIBUTE.lastIndex = from;
    let at = from;
    for (let match = ATTRIBUTE.exec(tag); match && match.index + match[0].length <= to; match = ATTRIBUTE.exec(tag)) {
      attributes.set(
        local(match[1]!),
        unescape(match[2] ?? match[3] ?? '', (message) => this.#fail(message)),
      );
      at = ATTRIBUTE.lastIndex;
    }
    if (tag.slice(at, to).trim() !== '') this.#fail(`an attribute is malformed: ${JSON.stringify(tag.slice(at, to).trim().slice(0, 40))}`);
    return attributes;
  }

  #close(tag: string): void {
    const name = local(tag.trim());
    const open = this.#path.at(-1);
    if (open !== name)
      this.#fail(open === undefined ? `</${name}> closes nothing` : `expected </${open}> but have </${name.slice(0, 100)}>`);
    this.#handler.close(name, this.#path);
    this.#path.pop();
  }
}
