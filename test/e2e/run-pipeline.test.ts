import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ProgramRun } from '../support/server.ts';

let folder: string;
let kept: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-pipeline-'));
  kept = mkdtempSync(join(tmpdir(), 'kept-'));
});
afterEach(() => {
  for (const path of [folder, kept]) rmSync(path, { recursive: true });
});

const git = (...args: string[]): string =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], { encoding: 'utf8' }).trim();

function write(path: string, content: unknown): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
}

async function runIt(...args: string[]) {
  const run = new ProgramRun(['run', '--directory', folder, '--pipeline', join(folder, 'pipeline.json'), '--artifacts', kept, ...args], {
    PIPEWRIGHT_BUILD_RUNTIME: 'process',
  });
  const { code } = await run.closed;
  return { code, stdout: run.stdout, stderr: run.stderr };
}

const action = (name: string, [category, owner, provider]: readonly string[], more: object) => ({
  name,
  actionTypeId: { category, owner, provider, version: '1' },
  ...more,
});

/** A git source of a host elsewhere and one of S3; two builds; an approval where it is asked for; a deploy. */
function pipeline(approval: boolean): object {
  const connection = {
    ConnectionArn: 'arn:aws:codeconnections:eu-west-1:123456789012:connection/c',
    FullRepositoryId: 'me/app',
    BranchName: 'dev',
  };
  const build = (project: string) => ({ ProjectName: project, PrimarySource: 'Code' });
  const variables = [{ name: 'FROM', value: '#{src.FullRepositoryName} #{src.BranchName} #{src.CommitId}' }];
  const review = action('Review', ['Approval', 'AWS', 'Manual'], {
    configuration: { NotificationArn: 'arn:aws:sns:eu-west-1:123456789012:none' },
  });
  const sources = [
    action('Git', ['Source', 'AWS', 'CodeStarSourceConnection'], {
      namespace: 'src',
      configuration: connection,
      outputArtifacts: [{ name: 'Code' }],
    }),
    action('Bucket', ['Source', 'AWS', 'S3'], {
      configuration: { S3Bucket: 'sources', S3ObjectKey: 'a/app.zip' },
      outputArtifacts: [{ name: 'Zip' }],
    }),
  ];
  const builds = [
    action('Make', ['Build', 'AWS', 'CodeBuild'], {
      configuration: { ...build('make'), EnvironmentVariables: JSON.stringify(variables) },
      inputArtifacts: [{ name: 'Code' }, { name: 'Zip' }],
      outputArtifacts: [{ name: 'Site' }],
    }),
    action('Test', ['Test', 'AWS', 'CodeBuild'], { configuration: build('test'), inputArtifacts: [{ name: 'Code' }] }),
  ];
  const deploy = action('Site', ['Deploy', 'AWS', 'S3'], {
    configuration: { BucketName: 'site', Extract: 'true' },
    inputArtifacts: [{ name: 'Site' }],
  });
  return {
    pipeline: {
      name: 'app',
      roleArn: 'arn:aws:iam::123456789012:role/pipelines',
      pipelineType: 'V2',
      artifactStores: { 'eu-west-1': { type: 'S3', location: 'artifacts' } },
      triggers: [
        { providerType: 'CodeStarSourceConnection', gitConfiguration: { sourceActionName: 'Git', push: [{ tags: { includes: ['v*'] } }] } },
      ],
      stages: [
        { name: 'Source', actions: sources },
        { name: 'Build', actions: builds },
        ...(approval ? [{ name: 'Approve', actions: [review] }] : []),
        { name: 'Deploy', actions: [deploy] },
      ],
    },
  };
}

const MAKE = `version: 0.2
phases:
  build:
    commands:
      - mkdir out && cp page.html out/ && echo "$FROM $AWS_REGION $(ls $CODEBUILD_SRC_DIR_Zip/page.html)" > out/from.txt
      - test ! -e ignored.txt
artifacts:
  base-directory: out
  files: ['**/*']
`;

function source(): void {
  git('init', '-q');
  write('.gitignore', 'ignored.txt\n');
  write('page.html', 'committed');
  write('buildspec.yml', MAKE);
  write('ci/test.yml', 'version: 0.2\nphases: {build: {commands: [echo "$STAGE", "grep uncommitted page.html"]}}\n');
  git('add', '.');
  git('commit', '-q', '-m', 'one');
  write('page.html', 'uncommitted');
  write('ignored.txt', 'x');
}

it('runs the pipeline on the work tree as it is, and leaves what it made in a folder', async () => {
  source();
  write('pipeline.json', pipeline(true));
  const before = git('status', '--short');
  const { code, stdout, stderr } = await runIt('--yes', '--project', 'test=ci/test.yml', '--env', 'STAGE=local');
  expect(stderr).toBe('');
  expect(stdout).toContain('Test | local\n');
  expect(stdout).toContain('Approve/Review: Succeeded');
  expect(stdout).toContain('triggers have no effect');
  expect(code).toBe(0);
  expect(readFileSync(join(kept, 'site/page.html'), 'utf8')).toBe('uncommitted');
  expect(readFileSync(join(kept, 'site/from.txt'), 'utf8')).toMatch(/^me\/app dev [0-9a-f]{40} eu-west-1 \S+\/page\.html\n$/);
  expect(readdirSync(join(kept, 'artifacts'))).toEqual(['Build-Make-Site.zip']);
  for (const path of [join(kept, 'site'), join(kept, 'artifacts/Build-Make-Site.zip')]) expect(stdout).toContain(path);
  expect(git('status', '--short')).toBe(before);
  expect(git('fsck', '--unreachable', '--no-reflogs')).toBe('');
});

it('says that it cannot ask, and exits as the pipeline does', async () => {
  source();
  write('pipeline.json', pipeline(true));
  expect(await runIt('--project', 'test=ci/test.yml')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--yes gives it') as string,
  });
  write('pipeline.json', pipeline(false));
  git('checkout', '-q', 'page.html');
  const failed = await runIt('--project', 'test=ci/test.yml');
  expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('The pipeline ended as Failed') as string });
  expect(existsSync(join(kept, 'site'))).toBe(false);
  write('pipeline.json', { name: 'no stages' });
  expect(await runIt()).toMatchObject({ code: 1, stderr: expect.stringContaining('holds no pipeline') as string });
  expect(await runIt('--project', 'x')).toMatchObject({ code: 2, stderr: expect.stringContaining('NAME=BUILDSPEC') as string });
});
