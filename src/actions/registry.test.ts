import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ApprovalLinks } from '../ports/approval-links.ts';
import type { Artifacts } from '../ports/artifacts.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { GitConnections } from '../ports/connections.ts';
import type { Git } from '../ports/git.ts';
import { codePipelineInvoke } from './codepipeline-invoke/index.ts';
import { commandsAction } from './commands/index.ts';
import { codeBuildProviders } from './codebuild/index.ts';
import { codeCommitSource } from './codecommit-source/index.ts';
import { codeStarConnection } from './codestar-connection/index.ts';
import { dummyProviders } from './dummy/index.ts';
import { gitSource } from './git-source/index.ts';
import { manualApproval } from './manual-approval/index.ts';
import { actionProviders } from './registry.ts';
import { s3Deploy } from './s3-deploy/index.ts';
import { s3Source } from './s3-source/index.ts';

const ports = {
  git: {} as Git,
  artifacts: {} as Artifacts,
  blobs: {} as Blobs,
  connections: {} as GitConnections,
  approvals: {} as ApprovalLinks,
};
const byFolder: Record<string, readonly { type: object }[]> = {
  'codestar-connection': [codeStarConnection(ports)],
  'codecommit-source': [codeCommitSource(ports.git)],
  'git-source': [gitSource(ports.git)],
  'manual-approval': [manualApproval(ports.approvals)],
  's3-deploy': [s3Deploy(ports)],
  's3-source': [s3Source],
  'codepipeline-invoke': [codePipelineInvoke],
  codebuild: codeBuildProviders,
  commands: [commandsAction],
  dummy: dummyProviders(),
};

const registered = actionProviders(ports);
const keyOf = ({ type }: { type: object }) => JSON.stringify(type);

test('every folder is registered, and nothing else', () => {
  const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map((entry) => entry.name).toSorted()).toEqual(Object.keys(byFolder).toSorted());
  expect(registered.map(keyOf).toSorted()).toEqual(Object.values(byFolder).flat().map(keyOf).toSorted());
});

test('no two providers have the same type', () => {
  expect(new Set(registered.map(keyOf)).size).toBe(registered.length);
});

describe.each(
  registered.map((provider) => [`${provider.type.category}/${provider.type.owner}/${provider.type.provider}`, provider] as const),
)('%s', (_, provider) => {
  test('has sensible bounds and a time-out', () => {
    const { inputs, outputs } = provider.artifacts;
    expect(inputs.min).toBeLessThanOrEqual(inputs.max);
    expect(outputs.min).toBeLessThanOrEqual(outputs.max);
    expect(provider.timeoutMinutes).toBeGreaterThan(0);
    if (provider.type.category === 'Source') expect(inputs.max).toBe(0);
  });

  test('only sources know a newest revision', () => {
    expect(provider.latest !== undefined).toBe(provider.type.category === 'Source');
  });

  test('describes every setting', () => {
    for (const [name, property] of Object.entries(provider.settings)) {
      expect(name).toMatch(/^[A-Z][A-Za-z0-9]*$/);
      expect(property.description).toMatch(/\.$/);
    }
  });
});
