import { afterAll, beforeAll } from 'vitest';
import { cacheSuite } from '../support/cache-suite.ts';
import { ContainerServer } from '../support/container-server.ts';
import { eachEngine } from '../support/each-engine.ts';
import { BASH_IMAGE } from '../support/engine-images.ts';

await eachEngine((engine) => {
  let world: ContainerServer;
  beforeAll(async () => {
    world = new ContainerServer(engine);
    world.enter();
    await world.start();
  });
  afterAll(() => world.end());

  cacheSuite(
    () => world,
    () => ({ environment: { type: 'LINUX_CONTAINER', image: BASH_IMAGE, computeType: 'BUILD_GENERAL1_SMALL' } }),
  );
});
