import { isObject } from '../../../kernel/json.ts';

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : value === undefined ? [] : [value]);

/** IAM's patterns, `*` and `?`; going back only to the last star keeps hostile patterns from costing more than pattern times text. */
function matches(pattern: unknown, text: string): boolean {
  if (typeof pattern !== 'string') return false;
  let [at, inText, star, mark] = [0, 0, -1, 0];
  while (inText < text.length) {
    if (pattern[at] === '*') [star, mark, at] = [at, inText, at + 1];
    else if (pattern[at] === '?' || pattern[at] === text[inText]) [at, inText] = [at + 1, inText + 1];
    else if (star >= 0) [at, mark, inText] = [star + 1, mark + 1, mark + 1];
    else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

function meansEverybody(principal: unknown): boolean {
  return principal === '*' || (isObject(principal) && listOf(principal.AWS).includes('*'));
}

/** A statement with what we cannot evaluate yet (conditions, NotAction …) never allows, but does deny. */
function applies(statement: Record<string, unknown>, action: string, resource: string): boolean {
  const covers =
    listOf(statement.Action).some((pattern) => matches(pattern, action)) &&
    listOf(statement.Resource).some((pattern) => matches(pattern, resource));
  return covers && meansEverybody(statement.Principal);
}

/** Whether a stored bucket policy lets anybody at all do the action: an allowing statement without conditions, and no denying one. */
export function allowsEverybody(policy: string, action: string, resource: string): boolean {
  const parsed: unknown = JSON.parse(policy);
  const statements = listOf(isObject(parsed) ? parsed.Statement : undefined)
    .filter(isObject)
    .filter((statement) => applies(statement, action, resource));
  const denied = statements.some(({ Effect }) => Effect === 'Deny');
  return !denied && statements.some(({ Effect, Condition }) => Effect === 'Allow' && Condition === undefined);
}
