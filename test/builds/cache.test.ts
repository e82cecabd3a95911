import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuildServer, outputOf } from '../support/builds.ts';
import { cacheSuite } from '../support/cache-suite.ts';

const world = new BuildServer();
beforeAll(() => world.start());
afterAll(() => world.end());

describe('a cache on the host', () => {
  cacheSuite(
    () => world,
    () => ({}),
  );

  it('leaves out what is not the build’s own', async () => {
    const spec = { version: '0.2', phases: { build: { commands: ['echo on'] } }, cache: { paths: ['/etc/**/*', '../x'] } };
    const build = await world.run(JSON.stringify(spec), {}, { cache: { type: 'LOCAL', modes: ['LOCAL_CUSTOM_CACHE'] } });
    const log = await world.log(build);
    expect(outputOf(log)).toBe('on\n');
    for (const path of ['/etc/**/*', '../x']) expect(log).toContain(`Cache: ${path} is outside of what a build on the host may change`);
  });

  it('is said not to be there where the project has none', async () => {
    const build = await world.run('version: 0.2\nphases: {build: {commands: [echo on]}}\ncache: {paths: [d]}\n');
    expect(await world.log(build)).toContain('The cache of the buildspec is not kept: the project has none');
  });
});
