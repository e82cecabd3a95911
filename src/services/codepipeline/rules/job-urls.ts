import type { Variables } from './values.ts';

/**
 * The address that a template of an action type means: `{Config:NAME}` is a value of the configuration, `{ExternalExecutionId}` the
 * worker's own run. Undefined while something of it is not known yet, and where it leads to no web page: people click on it.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-custom-action.html
 */
export function urlOf(template: string | undefined, configuration: Variables, externalExecutionId?: string): string | undefined {
  let missing = template === undefined;
  const known = (value: string | undefined): string => {
    if (value === undefined) missing = true;
    return value ?? '';
  };
  const url = template
    ?.replace(/\{Config:([^{}]+)\}/g, (_, name: string) => known(Object.hasOwn(configuration, name) ? configuration[name] : undefined))
    .replaceAll('{ExternalExecutionId}', () => known(externalExecutionId));
  return !missing && url !== undefined && isWebAddress(url) ? url : undefined;
}

/** The properties that a template mentions. */
export const mentionedIn = (template: string): readonly string[] =>
  [...template.matchAll(/\{Config:([^{}]+)\}/g)].map((match) => match[1]!);

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
