/** An element of a parsed document. Namespaces are not resolved: AWS's services tell elements apart by local name. */
export interface XmlElement {
  /** Local name, without prefix. */
  readonly name: string;
  /** By local name. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The character data directly inside, entities resolved. */
  readonly text: string;
}

export class XmlError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'XmlError';
  }
}

const MAX_DEPTH = 64;
const NAME = /[A-Za-z_\u0080-\uffff][-.\w\u0080-\uffff:]*/y;
const ATTRIBUTE = /\s+([A-Za-z_\u0080-\uffff][-.\w\u0080-\uffff:]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const ENTITY = /&(#\d{1,7}|#x[0-9a-fA-F]{1,6}|lt|gt|amp|quot|apos);/y;
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

interface Open {
  readonly raw: string;
  readonly element: { name: string; attributes: Map<string, string>; children: XmlElement[]; text: string };
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function entity(code: string): string {
  if (!code.startsWith('#')) return NAMED[code]!;
  const point = code.startsWith('#x') ? Number.parseInt(code.slice(2), 16) : Number(code.slice(1));
  if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) throw new XmlError('character reference out of range');
  return String.fromCodePoint(point);
}

/** Line ends are normalised as XML 1.0 §2.11 says; only the five predefined entities and character references exist. */
function unescape(text: string): string {
  const normal = text.replace(/\r\n?/g, '\n');
  let at = normal.indexOf('&');
  if (at < 0) return normal;
  let result = '';
  let from = 0;
  for (; at >= 0; at = normal.indexOf('&', from)) {
    ENTITY.lastIndex = at;
    const match = ENTITY.exec(normal);
    if (!match) throw new XmlError('unknown entity');
    result += normal.slice(from, at) + entity(match[1]!);
    from = ENTITY.lastIndex;
  }
  return result + normal.slice(from);
}

/**
 * A small strict parser for what AWS clients send: elements, attributes, text, CDATA, comments, a declaration. Document types are
 * refused (they are how entity bombs and file reads come in). Throws XmlError; runs in linear time.
 */
class Parser {
  readonly #source: string;
  #at = 0;
  readonly #stack: Open[] = [];
  #root: XmlElement | undefined;

  constructor(source: string) {
    this.#source = source.startsWith('\ufeff') ? source.slice(1) : source;
  }

  parse(): XmlElement {
    while (this.#at < this.#source.length) this.#step();
    if (this.#stack.length > 0 || !this.#root) throw new XmlError('the document ends too early');
    return this.#root;
  }

  #step(): void {
    const source = this.#source;
    if (source[this.#at] !== '<') this.#characters();
    else if (source.startsWith('<!--', this.#at)) this.#skip('<!--', '-->');
    else if (source.startsWith('<![CDATA[', this.#at)) this.#cdata();
    else if (source.startsWith('<?', this.#at)) this.#skip('<?', '?>');
    else if (source.startsWith('<!', this.#at)) throw new XmlError('document types are not allowed');
    else if (source.startsWith('</', this.#at)) this.#close();
    else this.#open();
  }

  #characters(): void {
    const found = this.#source.indexOf('<', this.#at);
    const end = found < 0 ? this.#source.length : found;
    this.#append(unescape(this.#source.slice(this.#at, end)));
    this.#at = end;
  }

  #append(text: string): void {
    const top = this.#stack.at(-1);
    if (top) top.element.text += text;
    else if (text.trim() !== '') throw new XmlError('text outside the root element');
  }

  #until(open: string, close: string): string {
    const start = this.#at + open.length;
    const end = this.#source.indexOf(close, start);
    if (end < 0) throw new XmlError(`${open} is not closed`);
    this.#at = end + close.length;
    return this.#source.slice(start, end);
  }

  #skip(open: string, close: string): void {
    this.#until(open, close);
  }

  #cdata(): void {
    if (this.#stack.length === 0) throw new XmlError('text outside the root element');
    this.#append(this.#until('<![CDATA[', ']]>').replace(/\r\n?/g, '\n'));
  }

  #name(): string {
    NAME.lastIndex = this.#at;
    const match = NAME.exec(this.#source);
    if (!match) throw new XmlError('a name is missing');
    this.#at = NAME.lastIndex;
    return match[0];
  }

  #expect(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source);
    if (!match) throw new XmlError('a tag is not closed');
    this.#at = pattern.lastIndex;
    return match[0];
  }

  #attributes(): Map<string, string> {
    const attributes = new Map<string, string>();
    for (;;) {
      ATTRIBUTE.lastIndex = this.#at;
      const match = ATTRIBUTE.exec(this.#source);
      if (!match) return attributes;
      const name = local(match[1]!);
      if (!match[1]!.startsWith('xmlns')) attributes.set(name, unescape(match[2] ?? match[3] ?? ''));
      this.#at = ATTRIBUTE.lastIndex;
    }
  }

  #open(): void {
    if (this.#root && this.#stack.length === 0) throw new XmlError('more than one root element');
    if (this.#stack.length >= MAX_DEPTH) throw new XmlError('nested too deeply');
    this.#at += 1;
    const raw = this.#name();
    const element = { name: local(raw), attributes: this.#attributes(), children: [] as XmlElement[], text: '' };
    const end = this.#expect(/\s*\/?>/y);
    this.#stack.at(-1)?.element.children.push(element);
    this.#root ??= element;
    if (!end.endsWith('/>')) this.#stack.push({ raw, element });
  }

  #close(): void {
    this.#at += 2;
    const raw = this.#name();
    this.#expect(/\s*>/y);
    if (this.#stack.pop()?.raw !== raw) throw new XmlError(`</${raw}> closes nothing`);
  }
}

export function parseXml(source: string): XmlElement {
  return new Parser(source).parse();
}
