import type { CatalogueEntry } from './catalogue.ts';
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
    if (value === undefined) {
      if (property.required) throw error(`${what} is missing required configuration '${name}'`);
    } else if (property.values && !value.includes('#{') && !property.values.includes(value)) {
      throw error(`${what} has the value '${value}' for '${name}'. Valid values: ${property.values.join(', ')}`);
    } else {
      // A secret is in no message.
      const problem = typed && !property.secret ? valueProblem(value, property) : undefined;
      if (problem !== undefined) throw error(`${what} has the value '${value}' for '${name}': ${problem}`);
    }
  }
}
