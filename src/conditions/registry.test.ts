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

describe.each(registered.map((rule) => [rule.type.provider, rule] as const))('%s', (_, { artifacts, timeoutMinutes, settings, type }) => {
  test('has sensible bounds, a time-out, and settings that say what they are for', () => {
    expect(type).toMatchObject({ category: 'Rule', owner: 'AWS', version: '1' });
    expect(artifacts.inputs.min).toBeLessThanOrEqual(artifacts.inputs.max);
    expect(artifacts.outputs.max).toBe(0);
    expect(timeoutMinutes).toBeGreaterThan(0);
    for (const { description } of Object.values(settings)) expect(description).toMatch(/\w+/);
  });
});
