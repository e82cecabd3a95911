import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SHARD_SCRIPTS } from './scripts.ts';

const folder = mkdtempSync(join(tmpdir(), 'shards-'));
const programs = join(folder, 'programs');
const work = join(folder, 'work');

const FILES = ['test_a.py', 'lib/test_b.py', 'lib/deep/c_test.py', "lib/it's d_test.py", 'lib/e.js', '.git/test_x.py', 'lib/f.test.ts'];

beforeAll(() => {
  mkdirSync(programs);
  for (const [name, script] of Object.entries(SHARD_SCRIPTS)) writeFileSync(join(programs, name), script, { mode: 0o755 });
  for (const file of FILES) {
    mkdirSync(dirname(join(work, file)), { recursive: true });
    writeFileSync(join(work, file), '');
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (program: string, args: readonly string[], more: Record<string, string> = {}) => {
  const env = { PATH: `${process.env['PATH']}${delimiter}${programs}`, ...more };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: work, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return { status, stdout, stderr };
};

describe('codebuild-glob-search', () => {
  it.each([
    ['**/test_*.py', ['lib/test_b.py', 'test_a.py']],
    ['test_*.py', ['test_a.py']],
    ['lib/*', ['lib/e.js', 'lib/f.test.ts', "lib/it's d_test.py", 'lib/test_b.py']],
    ['./lib/**/*.{js,ts}', ['lib/e.js', 'lib/f.test.ts']],
    ['**/[a-c]_test.py', ['lib/deep/c_test.py']],
    ['**/?.js', ['lib/e.js']],
    ['nothing*', []],
  ])('%s', (pattern, found) => {
    expect(run('codebuild-glob-search', [pattern]).stdout.split('\n').slice(0, -1)).toEqual(found);
  });

  it('takes several patterns and names each file once', () => {
    const { stdout } = run('codebuild-glob-search', ['**/test_*.py', '**/*_test.py', 'test_a.py']);
    expect(stdout).toBe("lib/deep/c_test.py\nlib/it's d_test.py\nlib/test_b.py\ntest_a.py\n");
  });
});

describe('codebuild-tests-run', () => {
  const SEARCH = "codebuild-glob-search '**/*.py'";
  const shard = (index: number, total: number, args: readonly string[]) =>
    run('codebuild-tests-run', args, { PIPEWRIGHT_SHARD_INDEX: String(index), PIPEWRIGHT_SHARD_TOTAL: String(total) });
  const LIST = 'for f in "$@"; do echo "$f"; done';
  const show = `set -- ; f() { ${LIST}; }; f`;

  it.each(['equal-distribution', 'stability'])('gives each test to one build (%s)', (strategy) => {
    const args = ['--test-command', show, '--files-search', SEARCH, '--sharding-strategy', strategy];
    const parts = [0, 1, 2].map((index) =>
      shard(index, 3, args)
        .stdout.split('\n')
        .filter((line) => !/^(No test file|$)/.test(line)),
    );
    expect(parts.flat().toSorted()).toEqual(['lib/deep/c_test.py', "lib/it's d_test.py", 'lib/test_b.py', 'test_a.py']);
  });

  it('keeps similar files together where it distributes equally', () => {
    const args = [`--test-command=${show}`, `--files-search=${SEARCH}`];
    expect(shard(0, 2, args).stdout).toBe("lib/deep/c_test.py\nlib/it's d_test.py\n");
    expect(shard(1, 2, args).stdout).toBe('lib/test_b.py\ntest_a.py\n');
  });

  it('leaves a file where it is when others come', () => {
    const args = (files: string) => [
      '--test-command',
      show,
      '--files-search',
      `printf '%s\\n' ${files}`,
      '--sharding-strategy',
      'stability',
    ];
    const before = shard(1, 4, args('a b c d e f g h')).stdout;
    const after = shard(1, 4, args('a b c d e f g h i j k l m')).stdout;
    expect(after).toContain(before);
  });

  it('leaves the list to a command that takes it by itself', () => {
    const args = ['--test-command', 'echo "$CODEBUILD_CURRENT_SHARD_FILES" | tr "\\n" ,', '--files-search', SEARCH];
    expect(shard(1, 2, args).stdout).toBe('lib/test_b.py,test_a.py,');
  });

  it('fails with the tests, and without any', () => {
    expect(shard(0, 1, ['--test-command', 'exit 5; :', '--files-search', SEARCH]).status).toBe(5);
    expect(shard(0, 1, ['--test-command', ':', '--files-search', "codebuild-glob-search 'x*'"])).toMatchObject({
      status: 1,
      stderr: 'codebuild-tests-run: no test file was found\n',
    });
    expect(shard(0, 1, ['--test-command', ':', '--files-search', 'false'])).toMatchObject({ status: 1 });
    expect(shard(0, 1, ['--test-command', ':'])).toMatchObject({ status: 2, stderr: 'codebuild-tests-run: --files-search is required\n' });
    expect(shard(0, 1, ['--test', ':'])).toMatchObject({ status: 2 });
  });

  it('runs nothing where there are more builds than tests', () => {
    const args = ['--test-command', 'echo ran', '--files-search', 'echo one'];
    expect([0, 1].map((index) => shard(index, 2, args).stdout)).toEqual(['No test file falls to this build (1 of 2)\n', 'ran one\n']);
  });

  it('runs all tests in a build that is alone', () => {
    expect(execFileSync('sh', ['-n', join(programs, 'codebuild-tests-run')]).toString()).toBe('');
    expect(run('codebuild-tests-run', ['--test-command', 'echo', '--files-search', 'echo a; echo b']).stdout).toBe('a b\n');
  });
});
