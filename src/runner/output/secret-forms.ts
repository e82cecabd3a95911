/** Shorter values are not masked: they are in every second word. Bytes. */
export const SHORTEST = 4;
/** Longer values are looked for in pieces of this length, so that looking stays cheap whatever the output. Bytes. */
const PIECE = 512;
/** Where `base64` and `openssl base64` break their lines. */
const WIDTHS = [76, 64];

/** The value as base64 shows it, alone or amid other bytes: its place in them shifts what it becomes by one or two bytes. */
function base64Forms(value: Buffer): string[] {
  const forms = [0, 1, 2].flatMap((before) => {
    const padded = Buffer.concat([Buffer.alloc(before), value])
      .toString('base64')
      .slice(before === 0 ? 0 : before + 1);
    const text = padded.replace(/=+$/, '');
    // The last character holds bits of what follows, where the value does not fill it.
    const amid = (before + value.length) % 3 === 0 ? text : text.slice(0, -1);
    return before === 0 ? [padded, text, amid, ...wrapped(padded), ...wrapped(amid)] : [padded, text, amid];
  });
  return [...forms, ...forms.map((form) => form.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''))];
}

function wrapped(text: string): string[] {
  return WIDTHS.filter((width) => text.length > width).flatMap((width) => text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []);
}

function urlForm(value: string): string[] {
  try {
    return [encodeURIComponent(value)];
  } catch {
    // Half a surrogate pair has no such form.
    return [];
  }
}

function pieces(bytes: Buffer): Buffer[] {
  if (bytes.length <= PIECE) return [bytes];
  const found: Buffer[] = [];
  for (let at = 0; at + PIECE < bytes.length; at += PIECE) found.push(bytes.subarray(at, at + PIECE));
  return [...found, bytes.subarray(bytes.length - PIECE)];
}

/**
 * Everything that must not be seen of these values: themselves, each of their lines, and how they look in JSON, in URLs and in base64.
 * None is shorter than SHORTEST.
 */
export function secretForms(values: Iterable<string>): readonly Buffer[] {
  const forms = new Map<string, Buffer>();
  for (const value of values) {
    if (Buffer.byteLength(value) < SHORTEST) continue;
    const lines = value.split(/\r?\n/).map((line) => line.trim());
    const texts = [value, ...lines, JSON.stringify(value).slice(1, -1), ...urlForm(value), ...base64Forms(Buffer.from(value))];
    for (const piece of texts.flatMap((text) => pieces(Buffer.from(text)))) {
      if (piece.length >= SHORTEST) forms.set(piece.toString('latin1'), piece);
    }
  }
  return [...forms.values()];
}

/** The texts in a JSON document, where the value is one: whoever has the document has them too. Keys, numbers and the rest are no secrets. */
export function textsWithin(value: string): readonly string[] {
  if (!/^\s*[[{]/.test(value)) return [];
  const found: string[] = [];
  try {
    JSON.parse(value, (_key, part: unknown) => {
      if (typeof part === 'string') found.push(part);
      return part;
    });
  } catch {
    // No JSON after all.
    return [];
  }
  return found;
}
