import { expect, test } from 'vitest';
import type { Project, ProjectSource } from '../../api.gen.ts';
import { builtinVariables } from './job.ts';
import { newBuild } from './new-build.ts';
import { emptyBuild } from './state.ts';

function variables(source: ProjectSource, more: Partial<Project> = {}): Record<string, string> {
  const project: Project = {
    name: 'site',
    source,
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
    ...more,
  };
  const spec = newBuild(
    project,
    { projectName: 'site' },
    { account: '000000000000', region: 'us-east-1', uuid: 'u', number: 1, initiator: 'root' },
  );
  return Object.fromEntries(builtinVariables(spec, emptyBuild('x'), 'http://localhost').map(({ name, value }) => [name, value]));
}

test.each([
  [{ type: 'S3', location: 'bucket/a/b.zip' }, 's3://bucket/a/b.zip'],
  [{ type: 'S3', location: 'arn:aws:s3:::bucket/folder/' }, 's3://bucket/folder/'],
  [{ type: 'GITHUB', location: 'https://github.com/a/b.git' }, 'https://github.com/a/b.git'],
  [{ type: 'NO_SOURCE', buildspec: 'version: 0.2' }, ''],
] satisfies readonly (readonly [ProjectSource, string])[])('%j comes from %s', (source, url) => {
  expect(variables(source)['CODEBUILD_SOURCE_REPO_URL']).toBe(url);
});

test('secondary sources have their URLs and versions', () => {
  const found = variables(
    { type: 'NO_SOURCE', buildspec: 'version: 0.2' },
    {
      secondarySources: [
        { type: 'S3', location: 'bucket/a.zip', sourceIdentifier: 'one' },
        { type: 'GITHUB', location: 'https://github.com/a/b', sourceIdentifier: 'two' },
      ],
      secondarySourceVersions: [{ sourceIdentifier: 'two', sourceVersion: 'main' }],
    },
  );
  expect(Object.entries(found).filter(([name]) => /_(?:one|two)$/.test(name))).toEqual([
    ['CODEBUILD_SOURCE_REPO_URL_one', 's3://bucket/a.zip'],
    ['CODEBUILD_SOURCE_REPO_URL_two', 'https://github.com/a/b'],
    ['CODEBUILD_SOURCE_VERSION_two', 'main'],
  ]);
});
