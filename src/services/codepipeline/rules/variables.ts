import type { EnvironmentVariable } from '../api.gen.ts';
import type { Execution } from './state.ts';
import type { Variables } from './values.ts';

/** `#{namespace.key}`: https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html */
const REFERENCE = /#\{([^.{}]+)\.([^{}]+)\}/g;

/** Everything in a declaration that may refer to variables. */
export interface Referring {
  readonly configuration?: Variables;
  readonly commands?: readonly string[];
  readonly environmentVariables?: readonly EnvironmentVariable[];
}

export type Resolved =
  | ({ readonly ok: true } & Referring & Required<Pick<Referring, 'configuration'>>)
  | { readonly ok: false; readonly reference: string };

/**
 * Replaces every reference in every value, just before the action starts. Pipeline variables are `variables.x`, the
 * execution's id is `codepipeline.PipelineExecutionId`, all else is an action's namespace. Values are not looked at again.
 */
export function resolve({ configuration = {}, commands, environmentVariables }: Referring, execution: Execution): Resolved {
  let missing: string | undefined;
  const value = (text: string) =>
    text.replace(REFERENCE, (reference, namespace: string, key: string) => {
      const found = lookUp(execution, namespace, key);
      if (found === undefined) missing ??= reference;
      return found ?? reference;
    });
  const resolved = {
    configuration: Object.fromEntries(Object.entries(configuration).map(([name, text]) => [name, value(text)])),
    ...(commands && { commands: commands.map(value) }),
    ...(environmentVariables && { environmentVariables: environmentVariables.map((each) => ({ ...each, value: value(each.value) })) }),
  };
  return missing === undefined ? { ok: true, ...resolved } : { ok: false, reference: missing };
}

/** Each reference's namespace, with the key of the configuration (or the part of the declaration) that it stands in. */
export function namespacesIn({ configuration = {}, commands = [], environmentVariables = [] }: Referring) {
  const texts: readonly (readonly [key: string, text: string])[] = [
    ...Object.entries(configuration),
    ...commands.map((text) => ['commands', text] as const),
    ...environmentVariables.map(({ value }) => ['environmentVariables', value] as const),
  ];
  return texts.flatMap(([key, text]) => [...text.matchAll(REFERENCE)].map((match) => ({ key, namespace: match[1]! })));
}

function lookUp(execution: Execution, namespace: string, key: string): string | undefined {
  if (namespace === 'codepipeline') return key === 'PipelineExecutionId' ? execution.id : undefined;
  const values = namespace === 'variables' ? execution.variables : execution.outputs[namespace];
  return values && Object.hasOwn(values, key) ? values[key] : undefined;
}
