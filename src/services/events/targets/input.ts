import { isObject } from '../../../kernel/json.ts';

/** The members of a JSON input that an operation knows, but for those that the target itself settles; none of any other input. */
export function membersOf(input: string, names: readonly string[]): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(input);
  } catch {
    // A template may make plain text, which says nothing to an operation.
    return {};
  }
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)));
}
