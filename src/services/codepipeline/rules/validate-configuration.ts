import type { CatalogueEntry, CatalogueProperty } from './catalogue.ts';
import { valueProblem } from './validate-type.ts';

/** Unknown, missing and impossible values of an action's or a rule's configuration; `error` makes AWS's exception of the message. */
export function validateConfiguration(
  given: Readonly<Record<string, string>>,
  { settings, open = false, typed = false }: CatalogueEntry,
  what: string,
  error: (message: string) => Error,
): void {
  for (const name of Object.keys(given)) {
    if (!open && !Object.hasOwn(settings, name)) throw error(`${what} contains unknown configuration '${name}'`);
  }
  for (const [name, property] of Object.entries(settings)) {
    const value = given[name];
    if (value === undefined && property.required) throw error(`${what} is missing required configuration '${name}'`);
    const problem = value === undefined ? undefined : problemOf(property, value, typed);
    if (problem !== undefined) throw error(`${what} has the value '${value}' for '${name}'${problem}`);
  }
}

/** What refers to a variable is known when it is resolved. */
function problemOf(property: CatalogueProperty, value: string, typed: boolean): string | undefined {
  const { values, problem, secret = false } = property;
  const refers = value.includes('#{');
  if (values && !refers && !values.includes(value)) return `. Valid values: ${values.join(', ')}`;
  // A secret is in no message.
  const mistyped = typed && !secret ? valueProblem(value, property) : undefined;
  if (mistyped !== undefined) return `: ${mistyped}`;
  const wrong = refers ? undefined : problem?.(value);
  return wrong === undefined ? undefined : `, which ${wrong}`;
}
