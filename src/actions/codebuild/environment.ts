import { isObject } from '../../kernel/json.ts';
import type { EnvironmentVariable } from '../../services/codebuild/api.gen.ts';

export type EnvironmentOverride = readonly EnvironmentVariable[];

const TYPES = new Set(['PLAINTEXT', 'PARAMETER_STORE', 'SECRETS_MANAGER']);

/** Reads the action's EnvironmentVariables: a JSON array of {name, value, type}, type PLAINTEXT where it is absent. */
export function environmentOverride(text: string | undefined): { readonly variables: EnvironmentOverride } | { readonly problem: string } {
  if (text === undefined || text.trim() === '') return { variables: [] };
  const parsed = parse(text);
  if (!Array.isArray(parsed)) return { problem: 'EnvironmentVariables must be a JSON array of objects with name and value.' };
  const variables: EnvironmentVariable[] = [];
  for (const item of parsed as unknown[]) {
    const variable = one(item);
    if (!variable)
      return { problem: `EnvironmentVariables holds an entry that is not of the form {"name": "…", "value": "…", "type": "PLAINTEXT"}.` };
    variables.push(variable);
  }
  return { variables };
}

function one(item: unknown): EnvironmentVariable | undefined {
  if (!isObject(item)) return undefined;
  const { name, value, type = 'PLAINTEXT' } = item;
  if (typeof name !== 'string' || name === '' || typeof value !== 'string' || typeof type !== 'string' || !TYPES.has(type))
    return undefined;
  return { name, value, type: type as EnvironmentVariable['type'] };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
