import type { Execution } from './state.ts';
import type { Variables } from './values.ts';

/** `#{namespace.key}`: https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html */
const REFERENCE = /#\{([^.{}]+)\.([^{}]+)\}/g;

export type Resolved = { readonly ok: true; readonly configuration: Variables } | { readonly ok: false; readonly reference: string };

/**
 * Replaces every reference in every value, just before the action starts. Pipeline variables are `variables.x`, the
 * execution's id is `codepipeline.PipelineExecutionId`, all else is an action's namespace. Values are not looked at again.
 */
export function resolve(configuration: Readonly<Record<string, string>>, execution: Execution): Resolved {
  let missing: string | undefined;
  const value = (text: string) =>
    text.replace(REFERENCE, (reference, namespace: string, key: string) => {
      const found = lookUp(execution, namespace, key);
      if (found === undefined) missing ??= reference;
      return found ?? reference;
    });
  const resolved = Object.fromEntries(Object.entries(configuration).map(([name, text]) => [name, value(text)]));
  return missing === undefined ? { ok: true, configuration: resolved } : { ok: false, reference: missing };
}

/** The namespaces that the configuration's references name. */
export function namespacesIn(configuration: Readonly<Record<string, string>>): readonly string[] {
  return Object.values(configuration).flatMap((text) => [...text.matchAll(REFERENCE)].map((match) => match[1]!));
}

function lookUp(execution: Execution, namespace: string, key: string): string | undefined {
  if (namespace === 'codepipeline') return key === 'PipelineExecutionId' ? execution.id : undefined;
  const values = namespace === 'variables' ? execution.variables : execution.outputs[namespace];
  return values && Object.hasOwn(values, key) ? values[key] : undefined;
}
