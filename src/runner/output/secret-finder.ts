const BLOCKS = 65_536;
/** Bytes by which forms are told apart before they are compared. */
const HEAD = 4;
const WIDEST = 64;

export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds many byte strings at once, in one pass that leaps (Wu and Manber, 1994): the last two bytes of a window as long as the shortest
 * of them tell how far the window may move; only where it may not is anything compared.
 */
export class SecretFinder {
  readonly #window: number;
  readonly #shift = new Uint8Array(BLOCKS);
  /** By their first four bytes, the longest first. */
  readonly #byHead = new Map<number, Buffer[]>();
  /** The first one, two and three bytes of all. */
  readonly #beginnings = new Set<number>();
  readonly #longest: number;

  /** `forms`: at least one, each of at least four bytes. */
  constructor(forms: readonly Buffer[]) {
    this.#window = Math.min(WIDEST, ...forms.map((form) => form.length));
    this.#longest = Math.max(...forms.map((form) => form.length));
    this.#shift.fill(this.#window - 1);
    for (const form of forms.toSorted((a, b) => b.length - a.length)) {
      for (let i = 1; i < this.#window; i++) {
        const block = (form[i - 1]! << 8) | form[i]!;
        this.#shift[block] = Math.min(this.#shift[block]!, this.#window - 1 - i);
      }
      const head = form.readInt32BE(0);
      const same = this.#byHead.get(head);
      if (same) same.push(form);
      else this.#byHead.set(head, [form]);
      for (let length = 1; length < HEAD; length++) this.#beginnings.add(beginning(form, 0, length));
    }
  }

  /** Where the bytes hold any of them, in order; what overlaps or touches is one span. `covered`: so many bytes at the start are known to. */
  spans(bytes: Buffer, covered = 0): Span[] {
    const found: Span[] = [];
    let start = 0;
    let end = covered;
    const shift = this.#shift;
    const last = this.#window - 1;
    for (let i = last; i < bytes.length;) {
      const leap = shift[(bytes[i - 1]! << 8) | bytes[i]!]!;
      if (leap > 0) {
        i += leap;
        continue;
      }
      const at = i - last;
      const length = this.#lengthAt(bytes, at);
      if (length > 0 && at > end) {
        if (end > start) found.push({ start, end });
        start = at;
      }
      if (length > 0) end = Math.max(end, at + length);
      i++;
    }
    if (end > start) found.push({ start, end });
    return found;
  }

  /** The first place from which on the bytes may become one of them once more have come; their length where there is none. */
  openAt(bytes: Buffer): number {
    for (let at = Math.max(0, bytes.length - this.#longest + 1); at < bytes.length; at++) {
      const rest = bytes.length - at;
      if (rest < HEAD ? this.#beginnings.has(beginning(bytes, at, rest)) : this.#begins(bytes, at)) return at;
    }
    return bytes.length;
  }

  #lengthAt(bytes: Buffer, at: number): number {
    const forms = this.#byHead.get(bytes.readInt32BE(at)) ?? [];
    const form = forms.find(({ length }, i) => at + length <= bytes.length && forms[i]!.compare(bytes, at, at + length) === 0);
    return form?.length ?? 0;
  }

  #begins(bytes: Buffer, at: number): boolean {
    const rest = bytes.length - at;
    const forms = this.#byHead.get(bytes.readInt32BE(at)) ?? [];
    return forms.some((form) => form.length > rest && form.compare(bytes, at, bytes.length, 0, rest) === 0);
  }
}

/** One to three bytes as a number that no other beginning has. */
function beginning(bytes: Buffer, at: number, length: number): number {
  let value = length;
  for (let i = 0; i < length; i++) value = value * 256 + bytes[at + i]!;
  return value;
}
