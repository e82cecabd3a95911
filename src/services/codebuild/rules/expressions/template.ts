import { evaluate, type Scope } from './evaluate.ts';
import { asksStatus, parseExpression, type Expression } from './parse.ts';
import { asText, ExpressionError, isTruthy } from './value.ts';

/** A text with expressions in it. */
export type Template = readonly (string | Expression)[];

const OPEN = '${{';
const CLOSE = '}}';

/** Where the expression that begins at `from` ends; braces inside its texts do not count. */
function endOf(text: string, from: number): number {
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "'") quoted = !quoted;
    else if (!quoted && text.startsWith(CLOSE, at)) return at;
  }
  throw new ExpressionError('An expression has no end: }} is missing', from - OPEN.length);
}

function expressionAt(text: string, from: number, to: number): Expression {
  try {
    return parseExpression(text.slice(from, to));
  } catch (error) {
    if (error instanceof ExpressionError) throw new ExpressionError(error.message, from + (error.at ?? 0));
    throw error;
  }
}

/** Reads a text with `${{ expressions }}`. Throws ExpressionError. */
export function parseTemplate(text: string): Template {
  const parts: (string | Expression)[] = [];
  let at = 0;
  for (;;) {
    const open = text.indexOf(OPEN, at);
    if (open < 0) break;
    if (open > at) parts.push(text.slice(at, open));
    const close = endOf(text, open + OPEN.length);
    parts.push(expressionAt(text, open + OPEN.length, close));
    at = close + CLOSE.length;
  }
  if (at < text.length || parts.length === 0) parts.push(text.slice(at));
  return parts;
}

export function render(template: Template, scope: Scope): string {
  return template.map((part) => (typeof part === 'string' ? part : asText(evaluate(part, scope)))).join('');
}

const SUCCESS: Expression = { kind: 'call', name: 'success', args: [] };

/**
 * Reads an `if`: an expression, with or without the braces. One that does not ask how the steps before went means "and they went well".
 * GitHub takes an expression in braces amid other text for a text, which is always true; that is refused.
 */
export function parseCondition(text: string): Expression {
  const trimmed = text.trim();
  if (trimmed === '') return SUCCESS;
  const parts = trimmed.includes(OPEN) ? parseTemplate(trimmed) : [expressionAt(trimmed, 0, trimmed.length)];
  const [expression] = parts;
  if (parts.length !== 1 || expression === undefined || typeof expression === 'string')
    throw new ExpressionError('The braces have to be around the whole condition', trimmed.indexOf(OPEN));
  return asksStatus(expression) ? expression : { kind: 'operation', operator: '&&', left: SUCCESS, right: expression };
}

export const holds = (condition: Expression, scope: Scope): boolean => isTruthy(evaluate(condition, scope));
