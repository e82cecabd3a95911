import { PipewrightError } from '../errors.ts';

/** A template cut at its placeholders. */
type Piece =
  | { readonly kind: 'text'; readonly text: string }
  /** `quoted`: it stands inside a JSON string of the template. */
  | { readonly kind: 'placeholder'; readonly name: string; readonly quoted: boolean };

const PLACEHOLDER = /<([\w.-]+)>/y;

function cut(template: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let text = '';
  let quoted = false;
  for (let at = 0; at < template.length; at++) {
    PLACEHOLDER.lastIndex = at;
    const match = template[at] === '<' ? PLACEHOLDER.exec(template) : null;
    if (match) {
      pieces.push({ kind: 'text', text }, { kind: 'placeholder', name: match[1]!, quoted });
      text = '';
      at += match[0].length - 1;
      continue;
    }
    const char = template[at]!;
    text += char;
    if (char === '"') quoted = !quoted;
    else if (char === '\\' && at + 1 < template.length) text += template[++at]!;
  }
  return [...pieces, { kind: 'text', text }];
}

/** The names between angle brackets. */
export function placeholders(template: string): readonly string[] {
  return cut(template).flatMap((piece) => (piece.kind === 'placeholder' ? [piece.name] : []));
}

/** Whether what comes of it has to be JSON, is one JSON string, or is text of any kind (several strings, a sentence). */
function shapeOf(pieces: readonly Piece[]): 'json' | 'string' | 'text' {
  const sample = pieces.map((piece) => (piece.kind === 'text' ? piece.text : piece.quoted ? 'x' : '0')).join('');
  try {
    return typeof JSON.parse(sample) === 'string' ? 'string' : 'json';
  } catch {
    return 'text';
  }
}

function inQuotes(value: unknown, shape: 'json' | 'string' | 'text'): string {
  if (value === undefined) return '';
  const json = JSON.stringify(value);
  if (typeof value === 'string') return json.slice(1, -1);
  // As AWS was seen to do: in text an object loses its quotation marks; in JSON it keeps them, and breaks it.
  return shape === 'json' ? json : json.replaceAll('"', '');
}

function outsideQuotes(value: unknown, shape: 'json' | 'string' | 'text'): string {
  if (shape === 'text' && (value === undefined || typeof value === 'string')) return value ?? '';
  return JSON.stringify(value ?? (value === null ? null : ''));
}

/**
 * Fills a template of an input transformer. Placeholders that lead to nothing become the empty string. Throws where a template
 * that has the shape of JSON does not give JSON: EventBridge does not deliver such an event.
 */
export function fillTemplate(template: string, valueOf: (name: string) => unknown): string {
  const pieces = cut(template);
  const shape = shapeOf(pieces);
  const filled = pieces
    .map((piece) => {
      if (piece.kind === 'text') return piece.text;
      const value = valueOf(piece.name);
      return piece.quoted ? inQuotes(value, shape) : outsideQuotes(value, shape);
    })
    .join('');
  if (shape !== 'text') checkJson(filled);
  return filled;
}

function checkJson(text: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new PipewrightError('InvalidInput', 'the input template does not give valid JSON with the values of this event', {
      cause: error,
    });
  }
}
