import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ProgramRun } from '../support/server.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-run-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (path: string, text: string) => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
};

async function runIt(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const run = new ProgramRun(['run', '--directory', folder, ...args], { SECRET_OF_MINE: 'seen' });
  const { code } = await run.closed;
  return { code, stdout: run.stdout, stderr: run.stderr };
}

const BUILDSPEC = `version: 0.2
env:
  exported-variables: [WORD]
phases:
  build:
    commands:
      - echo "stage=$STAGE secret=$SECRET_OF_MINE"
      - WORD=$(cat new.txt)
      - mkdir -p out && cp new.txt out/ && echo changed > tracked.txt
      - test ! -e ignored.txt
artifacts:
  base-directory: out
  files: ['**/*']
`;

it('builds the work tree as it is, and leaves it so', async () => {
  const git = (...args: string[]) => execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args]);
  git('init', '-q');
  write('.gitignore', 'ignored.txt\n');
  write('tracked.txt', 'committed');
  write('buildspec.yml', BUILDSPEC);
  git('add', '.');
  git('commit', '-q', '-m', 'one');
  write('new.txt', 'uncommitted');
  write('ignored.txt', 'not for the build');
  const kept = join(folder, 'kept');
  const { code, stdout } = await runIt('--env', 'STAGE=dev', '--artifacts', kept);
  expect(stdout).toContain('stage=dev secret=\n');
  expect(stdout).toMatch(/BUILD +SUCCEEDED +\d+\.\d\d s/);
  expect(stdout).toContain('exported WORD=uncommitted');
  expect(code).toBe(0);
  expect(readFileSync(join(folder, 'tracked.txt'), 'utf8')).toBe('committed');
  expect(existsSync(join(kept, 'artifacts.zip'))).toBe(true);
});

it('takes another buildspec, outside of git too, and tells of failed tests', async () => {
  const junit = '<testsuite name="s"><testcase name="good"/><testcase name="bad"><failure message="it broke"/></testcase></testsuite>';
  write(
    'ci/test.yml',
    `version: 0.2\nphases:\n  build:\n    commands:\n      - cp ci/r.xml r.xml\n      - exit 3\nreports:\n  unit:\n    files: [r.xml]\n`,
  );
  write('ci/r.xml', junit);
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('pipewright-run-'));
  const { code, stdout, stderr } = await runIt('ci/test.yml');
  expect(stdout).toContain('report unit: 2 test cases, 1 failed');
  expect(stdout).toContain('bad: it broke');
  expect(stderr).toContain('The build ended as FAILED.');
  expect(code).toBe(1);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('pipewright-run-'))).toEqual(before);
});

it('ends quietly when nobody reads on', () => {
  write('buildspec.yml', 'version: 0.2\nphases:\n  build:\n    commands: [seq 100000]\n');
  const program = join(import.meta.dirname, '../../bin/pipewright.js');
  const command = `'${process.execPath}' '${program}' run --directory '${folder}' | head -1`;
  const { stdout, stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
  expect(stdout).toContain('Waiting for DOWNLOAD_SOURCE');
  expect(stderr).toBe('');
});

it('says what is wrong with the buildspec, or with how it was called', async () => {
  write('buildspec.yml', 'version: 0.2\nphases:\n  build: [1\n');
  const broken = await runIt();
  expect(broken.code).toBe(1);
  expect(broken.stdout).toMatch(/DOWNLOAD_SOURCE +FAILED/);
  expect(await runIt('--env', 'nothing')).toMatchObject({ code: 2, stderr: expect.stringContaining('NAME=VALUE') });
});
