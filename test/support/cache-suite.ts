import type { Build, CreateProjectCommandInput, ProjectCache, StartBuildCommandInput } from '@aws-sdk/client-codebuild';
import { CreateBucketCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { beforeAll, expect, it } from 'vitest';
import { outputOf, type BuildServer } from './builds.ts';

/** What is promised of caches wherever a build runs; `environment` is the project's. */
export function cacheSuite(world: () => BuildServer, environment: () => Partial<CreateProjectCommandInput>): void {
  const s3Cache: ProjectCache = { type: 'S3', location: 'caches/of/builds' };
  beforeAll(async () => {
    await world().s3.send(new CreateBucketCommand({ Bucket: 'caches' }));
  });

  const project = (buildspec: object, cache: ProjectCache = s3Cache) =>
    world().project(JSON.stringify({ version: '0.2', ...buildspec }), { ...environment(), cache });

  async function ran(name: string, input: Partial<StartBuildCommandInput> = {}) {
    const build: Build = await world().ended((await world().begin(name, input)).id!);
    const log = await world().log(build);
    return { build, output: outputOf(log), cache: [...log.matchAll(/Cache: (.*)/g)].map((match) => match[1]) };
  }

  it.each([s3Cache, { type: 'LOCAL', modes: ['LOCAL_CUSTOM_CACHE'] } satisfies ProjectCache])(
    'of type $type is there in the next build',
    async (cache) => {
      const commands = [
        'cat deps/made ~/.tool/made 2>/dev/null || true',
        'mkdir -p deps ~/.tool',
        'echo in-source | tee deps/made >/dev/null',
        'echo at-home > ~/.tool/made',
      ];
      const name = await project({ phases: { build: { commands } }, cache: { paths: ['deps/**/*', '/root/.tool/**/*'] } }, cache);
      const first = await ran(name);
      expect(first.output).toBe('');
      expect(first.cache[0]).toBe('nothing is saved yet');
      expect(first.cache[1]).toMatch(/^saved 18 bytes, 18 bytes of them new/);
      expect(first.build.cache).toEqual(cache);
      const second = await ran(name);
      expect(second.output).toBe('in-source\nat-home\n');
      expect(second.cache[0]).toMatch(/^restored 2 files/);
    },
  );

  it('is not saved again where nothing has changed, nor after a failure', async () => {
    const commands = ['mkdir -p d', 'test -f d/f || echo x > d/f', '$THEN'];
    const name = await project({ phases: { build: { commands } }, cache: { paths: ['d/*'] } });
    const then = (value: string) => ({ environmentVariablesOverride: [{ name: 'THEN', value }] });
    expect((await ran(name, then('false'))).cache).toEqual(['nothing is saved yet']);
    expect((await ran(name, then('true'))).cache[1]).toMatch(/^saved/);
    expect((await ran(name, then('true'))).cache[1]).toBe('nothing has changed');
  });

  it('with a key is made once for it, and found by fallback keys', async () => {
    const commands = ['echo $LOCK > lock; mkdir -p d; cat d/* 2>/dev/null; echo of-$LOCK-$RANDOM > d/f'];
    const cache = { key: 'k-$LOCK-$(codebuild-hash-files source.txt "**/*.none")', 'fallback-keys': ['k-$LOCK-', 'k-'], paths: ['d/*'] };
    const name = await project({ phases: { build: { commands } }, cache });
    const lock = (value: string) => ({ environmentVariablesOverride: [{ name: 'LOCK', value }] });
    const one = await ran(name, lock('1'));
    expect(one.cache[0]).toMatch(/^nothing is saved for k-1-[0-9a-f]{64}$/);
    expect((await ran(name, lock('1'))).output).toMatch(/^of-1-/);
    const two = await ran(name, lock('2'));
    expect(two.output).toMatch(/^of-1-/);
    expect(two.cache[0]).toMatch(/^restored 1 file, \d+ bytes from k-1-/);
    expect(two.cache[1]).toMatch(/^saved/);
    const again = await ran(name, lock('2'));
    expect(again.output).toMatch(/^of-2-/);
    expect(again.cache).toHaveLength(1);
  });

  it('of a namespace is shared by projects', async () => {
    const shared = { ...s3Cache, cacheNamespace: 'team' };
    const spec = {
      phases: { build: { commands: ['cat d/f 2>/dev/null; mkdir -p d; echo $CODEBUILD_BUILD_ID > d/f'] } },
      cache: { paths: ['d/*'] },
    };
    const first = await ran(await project(spec, shared));
    expect((await ran(await project(spec, shared))).output).toBe(`${first.build.id}\n`);
    expect((await ran(await project(spec))).output).toBe('');
  });

  it('that cannot be reached does not fail the build', async () => {
    const name = await project(
      { phases: { build: { commands: ['mkdir d; echo > d/f'] } }, cache: { paths: ['d/*'] } },
      { type: 'S3', location: 'absent-bucket' },
    );
    const { build, cache } = await ran(name);
    expect(build.buildStatus).toBe('SUCCEEDED');
    expect(cache).toEqual([expect.stringMatching(/^it was not restored: /), expect.stringMatching(/^it was not saved: /)]);
  });

  it('lies where the project says', async () => {
    const { Contents = [] } = await world().s3.send(new ListObjectsV2Command({ Bucket: 'caches' }));
    expect(Contents.length).toBeGreaterThan(3);
    for (const { Key } of Contents)
      expect(Key).toMatch(
        /^of\/builds\/(?:project-project-\d+|namespace-team)\/(?:chunks\/[0-9a-f]{64}|copies\/[0-9a-f]{16}\/(?:newest|key%3A\S+))$/,
      );
  });
}
