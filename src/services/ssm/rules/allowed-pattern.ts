import { runInNewContext } from 'node:vm';
import { errors } from '../api.gen.ts';

/** Patterns come from users, and some take for ever: V8 can be interrupted only in a context of its own. Milliseconds. */
const PATIENCE_MS = 50;

function test(pattern: string, value: string): boolean | undefined {
  try {
    return runInNewContext('new RegExp(pattern).test(value)', { pattern, value }, { timeout: PATIENCE_MS }) as boolean;
  } catch {
    // No regular expression, or none that comes to an end.
    return undefined;
  }
}

/** Throws where the value does not fit its parameter's AllowedPattern; the message does not repeat the value, which may be a secret. */
export function checkAllowed(pattern: string | undefined, value: string): void {
  if (pattern === undefined || pattern === '') return;
  const fits = test(pattern, value);
  if (fits === undefined) throw errors.InvalidAllowedPatternException(`The request does not meet the regular expression requirement.`);
  if (!fits) throw errors.ParameterPatternMismatchException(`Parameter value, cannot be validated against allowedPattern: ${pattern}`);
}
