import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ArtifactSpec } from '../../services/codebuild/rules/buildspec/types.ts';
import { pack } from './pack.ts';
import { pattern } from './patterns.ts';
import { select, type Ground } from './select.ts';
import { artifactKey } from './upload.ts';

let root: string;
let outside: string;
/** As of a build on the host itself: what it names absolutely is found. */
const ground = (): Ground => ({
  sourceDir: root,
  workspace: { root, locate: (path) => ({ path, within: path.startsWith(`${root}/`) ? root : '/' }) },
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'src-'));
  outside = mkdtempSync(join(tmpdir(), 'out-'));
  for (const path of [
    'index.html',
    'Makefile',
    '.hidden/x',
    'src/a.js',
    'src/lib/b.js',
    'src/lib/b.js.map',
    'dist-1/app.js',
    'dist-2/app2.js',
  ])
    file(path);
});
afterEach(() => {
  for (const folder of [root, outside]) rmSync(folder, { recursive: true, force: true });
});

function file(path: string, text = path): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const spec = (fields: Partial<ArtifactSpec>): ArtifactSpec => ({
  files: [],
  discardPaths: false,
  excludePaths: [],
  enableSymlinks: false,
  ...fields,
});
const told: string[] = [];
const chosen = async (fields: Partial<ArtifactSpec>) =>
  (await select(spec(fields), ground(), (line) => told.push(line))).map(({ path }) => path);

describe('select', () => {
  it.each([
    ['**/*', ['.hidden/x', 'Makefile', 'dist-1/app.js', 'dist-2/app2.js', 'index.html', 'src/a.js', 'src/lib/b.js', 'src/lib/b.js.map']],
    ['*', ['Makefile', 'index.html']],
    ['**.*', ['dist-1/app.js', 'dist-2/app2.js', 'index.html', 'src/a.js', 'src/lib/b.js', 'src/lib/b.js.map']],
    ['src/**/*.js', ['src/a.js', 'src/lib/b.js']],
    ['[!Ms]*', ['index.html']],
    ['s[!x]c/[[:alpha:]].js', ['src/a.js']],
    ['src/**', ['src/a.js', 'src/lib/b.js', 'src/lib/b.js.map']],
    ['src/*', ['src/a.js']],
    ['./index.html', ['index.html']],
    ['src//a.js', ['src/a.js']],
    ['src/{a,none}.js', ['src/a.js']],
  ])('%s', async (text, expected) => {
    expect(await chosen({ files: [text] })).toEqual(expected);
  });

  it('leaves out what is excluded, and puts files side by side without their paths', async () => {
    expect(await chosen({ files: ['src/**/*'], excludePaths: ['**/*.map'] })).toEqual(['src/a.js', 'src/lib/b.js']);
    expect(await chosen({ files: ['src/**/*'], discardPaths: true })).toEqual(['a.js', 'b.js', 'b.js.map']);
  });

  it('takes brackets in names as they are', async () => {
    for (const path of ['app/(shop)/page.js', 'app/(shop)/[id].js', 'app/shop/page.js']) file(path);
    expect(await chosen({ files: ['app/(shop)/*', 'app/(shop)/page.js'] })).toEqual(['app/(shop)/[id].js', 'app/(shop)/page.js']);
  });

  it('leaves out a folder that is excluded, with all that is in it', async () => {
    expect(await chosen({ files: ['src/**/*'], excludePaths: ['src/lib/'] })).toEqual(['src/a.js']);
    expect(await chosen({ files: ['src/**/*'], excludePaths: ['src/li'] })).toHaveLength(3);
  });

  it('takes base directories, globs too', async () => {
    expect(await chosen({ files: ['**/*'], baseDirectory: 'src/lib' })).toEqual(['b.js', 'b.js.map']);
    expect(await chosen({ files: ['*'], baseDirectory: 'dist-*' })).toEqual(['app.js', 'app2.js']);
    await expect(chosen({ files: ['*'], baseDirectory: 'none' })).rejects.toMatchObject({
      statusCode: 'CLIENT_ERROR',
      message: 'no matching base directory path found for none',
    });
  });

  it('takes files beside the base directory, too', async () => {
    const files = ['*', '../src/a.js', '../dist-1/*', join(root, 'index.html')];
    expect(await chosen({ files, baseDirectory: 'dist-2' })).toEqual(['app2.js', 'dist-1/app.js', 'index.html', 'src/a.js']);
  });

  it('takes absolute paths', async () => {
    writeFileSync(join(outside, 'build.json'), '{}');
    expect(await chosen({ files: [join(outside, 'build.json'), 'index.html'], discardPaths: true })).toEqual(['build.json', 'index.html']);
    expect(await chosen({ files: [`${outside}/*`] })).toEqual([join(outside, 'build.json').slice(1)]);
    expect(await chosen({ files: [join(root, 'src/a.js')] })).toEqual(['src/a.js']);
  });

  it('keeps links or what they lead to, and never follows them into folders', async () => {
    symlinkSync('index.html', join(root, 'link'));
    symlinkSync(outside, join(root, 'folder'));
    symlinkSync('nowhere', join(root, 'broken'));
    const kinds = async (enableSymlinks: boolean) =>
      (await select(spec({ files: ['*'], enableSymlinks }), ground(), () => {})).map(({ path, kind }) => `${path} ${kind}`);
    expect(await kinds(false)).toEqual(['Makefile file', 'index.html file', 'link file']);
    expect(await kinds(true)).toEqual(['Makefile file', 'broken symlink', 'folder symlink', 'index.html file', 'link symlink']);
  });

  it('leaves out what links lead to outside of the workspace, in files, folders and base folders', async () => {
    writeFileSync(join(outside, 'secret'), 'x');
    symlinkSync(join(outside, 'secret'), join(root, 'src/stolen'));
    symlinkSync(outside, join(root, 'away'));
    expect(await chosen({ files: ['src/stolen', 'src/a.js'] })).toEqual(['src/a.js']);
    expect(await chosen({ files: ['away/*', 'away/secret', 'index.html'] })).toEqual(['index.html']);
    await expect(chosen({ files: ['*'], baseDirectory: 'away' })).rejects.toMatchObject({
      message: 'no matching base directory path found for away',
    });
  });

  it('reads a file only where it is: not what somebody put there after it was chosen', async () => {
    writeFileSync(join(outside, 'secret'), 'x');
    const files = await select(spec({ files: ['index.html'] }), ground(), () => {});
    rmSync(join(root, 'index.html'));
    symlinkSync(join(outside, 'secret'), join(root, 'index.html'));
    await expect(pack(files, join(outside, 'x.zip'))).rejects.toMatchObject({ code: 'OutsideWorkspace' });
    rmSync(join(root, 'index.html'));
    execFileSync('mkfifo', [join(root, 'index.html')]);
    await expect(pack(files, join(outside, 'y.zip'))).rejects.toMatchObject({ code: 'OutsideWorkspace' });
  });

  it("fails with AWS's words where nothing matches", async () => {
    await expect(chosen({ files: ['none/*'] })).rejects.toMatchObject({
      statusCode: 'CLIENT_ERROR',
      message: 'no matching artifact paths found',
    });
    expect(told).toContain('Skipping invalid file path none/*');
  });
});

it('knows where a pattern begins to be one', () => {
  expect(pattern('a/b/*.js')).toMatchObject({ base: 'a/b', isGlob: true });
  expect(pattern('a/b.js')).toMatchObject({ base: 'a/b.js', isGlob: false });
});

it('packs the same files into the same bytes, readable by others', async () => {
  file('big', 'x'.repeat(3_000_000));
  chmodSync(join(root, 'Makefile'), 0o755);
  symlinkSync('index.html', join(root, 'link'));
  const files = await select(spec({ files: ['**/*'], enableSymlinks: true }), ground(), () => {});
  const [one, two] = [await pack(files, join(outside, '1.zip')), await pack(files, join(outside, '2.zip'))];
  expect(readFileSync(one.path).equals(readFileSync(two.path))).toBe(true);
  expect(one).toMatchObject({ size: readFileSync(one.path).length, md5: two.md5, sha256: two.sha256 });
  const script =
    'import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(" ".join(z.namelist()), oct(z.getinfo("Makefile").external_attr >> 16))';
  expect(execFileSync('python3', ['-c', script, one.path]).toString()).toContain('Makefile big');
});

it.each([
  [{ kind: 'CODEPIPELINE', bucket: 'b', path: '', name: 'p/Out/key', packaging: 'ZIP' }, {}, 'p/Out/key'],
  [{ kind: 'S3', bucket: 'b', name: 'app.zip', packaging: 'ZIP' }, {}, 'app.zip'],
  [
    { kind: 'S3', bucket: 'b', path: '/x/', namespace: 'uuid', name: 'app.zip', packaging: 'ZIP' },
    { s3Prefix: 'pre' },
    'x/pre/uuid/app.zip',
  ],
  [{ kind: 'S3', bucket: 'b', name: 'app', packaging: 'NONE', overrideName: true }, { name: 'other' }, 'other'],
  [{ kind: 'S3', bucket: 'b', name: '/', packaging: 'NONE' }, {}, ''],
] as const)('puts the artifact where the project says: %#', (target, fields, key) => {
  expect(artifactKey(target, spec(fields))).toBe(key);
});
