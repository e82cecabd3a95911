import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { codeBuildRule } from './codebuild/index.ts';
import { commandsRule } from './commands/index.ts';
import { deploymentWindow } from './deployment-window/index.ts';
import { dummyRule } from './dummy/index.ts';
import { ruleProviders } from './registry.ts';
import { variableCheck } from './variable-check/index.ts';

const byFolder: Record<string, { type: object }> = {
  'deployment-window': deploymentWindow,
  'variable-check': variableCheck,
  codebuild: codeBuildRule,
  commands: commandsRule,
  dummy: dummyRule(),
};

const registered = ruleProviders();
const keyOf = ({ type }: { type: object }) => JSON.stringify(type);

test('every folder is registered, and nothing else', () => {
  const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map((entry) => entry.name).toSorted()).toEqual(Object.keys(byFolder).toSorted());
  expect(registered.map(keyOf).toSorted()).toEqual(Object.values(byFolder).map(keyOf).toSorted());
});

test('no two rules have the same type', () => {
  expect(new Set(registered.map(keyOf)).size).toBe(registered.length);
});

describe.each(registered.map((provider) => [provider.type.provider, provider] as const))('%s', (_, provider) => {
  test('has the type that AWS gives rules', () => {
    const { category, owner, version } = provider.type;
    expect({ category, owner, version }).toEqual({ category: 'Rule', owner: 'AWS', version: '1' });
  });

  test('has sensible bounds and a time-out within AWS’s', () => {
    const { inputs, outputs } = provider.artifacts;
    expect(inputs.min).toBeLessThanOrEqual(inputs.max);
    expect(outputs).toEqual({ min: 0, max: 0 });
    expect(provider.timeoutMinutes).toBeGreaterThanOrEqual(5);
    expect(provider.timeoutMinutes).toBeLessThanOrEqual(86_400);
  });

  test('describes every setting', () => {
    for (const [name, property] of Object.entries(provider.settings)) {
      expect(name).toMatch(/^[A-Z][A-Za-z0-9]*$/);
      expect(property.description).toMatch(/\.$/);
    }
  });
});
