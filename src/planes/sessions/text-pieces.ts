/** How long a UTF-8 character is by its first byte; 1 for bytes that begin none. */
function characterLength(first: number): number {
  if (first >= 0xf0 && first < 0xf8) return 4;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xc0 && first < 0xe0 ? 2 : 1;
}

/** Where the last character begins that is not whole before `end`; `end` where there is none. */
function cutBefore(bytes: Uint8Array, end: number): number {
  for (let back = 1; back <= Math.min(3, end); back++) {
    const byte = bytes[end - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    return characterLength(byte) > back ? end - back : end;
  }
  return end;
}

/** Cuts a stream into pieces between characters: clients are about that decode each message by itself. What is no UTF-8 passes as it is. */
export class TextPieces {
  readonly #largest: number;
  #rest = Buffer.alloc(0);

  /** `largest`: bytes of a piece, at least 4. */
  constructor(largest: number) {
    this.#largest = largest;
  }

  cut(chunk: Uint8Array): readonly Buffer[] {
    const bytes = Buffer.concat([this.#rest, chunk]);
    const pieces: Buffer[] = [];
    let at = 0;
    for (;;) {
      const left = bytes.subarray(at);
      const end = cutBefore(left, Math.min(left.length, this.#largest));
      if (end === 0) break;
      pieces.push(left.subarray(0, end));
      at += end;
    }
    this.#rest = Buffer.from(bytes.subarray(at));
    return pieces;
  }

  /** What is left at the end, where a character was cut off there. */
  end(): readonly Buffer[] {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return rest.length > 0 ? [rest] : [];
  }
}
