import { errors, type ActionConfigurationProperty, type ActionTypeSettings } from '../api.gen.ts';
import type { CatalogueEntry } from './catalogue.ts';
import { mentionedIn } from './job-urls.ts';

/** Where a value of the queryable property has to fit: workers ask by it. */
const QUERYABLE_VALUE = /^[A-Za-z0-9_-]{1,20}$/;

interface Brought {
  readonly properties: readonly ActionConfigurationProperty[];
  readonly settings: ActionTypeSettings;
  readonly inputs: CatalogueEntry['artifacts']['inputs'];
  readonly outputs: CatalogueEntry['artifacts']['outputs'];
}

/**
 * What the model cannot say of an action type. Throws ValidationException.
 * https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionConfigurationProperty.html
 */
export function validateType({ properties, settings, inputs, outputs }: Brought): void {
  const names = new Set(properties.map(({ name }) => name));
  if (names.size < properties.length) throw errors.ValidationException('Configuration properties must have different names.');
  const [query, another] = properties.filter((property) => property.queryable);
  if (another) throw errors.ValidationException('Only one configuration property can be queryable.');
  if (query && (!query.required || query.secret))
    throw errors.ValidationException(`The queryable property '${query.name}' must be required and must not be secret.`);
  for (const [direction, { min, max }] of Object.entries({ input: inputs, output: outputs })) {
    if (min > max) throw errors.ValidationException(`The minimum count of ${direction} artifacts (${min}) is above the maximum (${max}).`);
  }
  for (const template of [settings.entityUrlTemplate, settings.executionUrlTemplate, settings.revisionUrlTemplate]) {
    if (template !== undefined) validateTemplate(template, properties);
  }
}

/** A template shows values to whoever sees the pipeline, so they must be there and no secrets. */
function validateTemplate(template: string, properties: readonly ActionConfigurationProperty[]): void {
  for (const name of mentionedIn(template)) {
    const property = properties.find((candidate) => candidate.name === name);
    if (!property?.required || property.secret)
      throw errors.ValidationException(`A URL template mentions '${name}', which is no property that is required and not secret.`);
  }
}

/** What is wrong with a property's value; variables are not looked into before they are resolved. */
export function valueProblem(
  value: string,
  { type, queryable }: { readonly type: string; readonly queryable?: boolean },
): string | undefined {
  if (value.includes('#{')) return undefined;
  if (queryable && !QUERYABLE_VALUE.test(value)) return 'a queryable value has at most 20 letters, digits, underscores and hyphens';
  if (type === 'Number' && !/^-?\d+(\.\d+)?$/.test(value)) return 'it must be a number';
  if (type === 'Boolean' && !/^(true|false)$/i.test(value)) return 'it must be true or false';
  return undefined;
}
