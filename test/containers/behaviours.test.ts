import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { behave, BUCKET } from '../support/behaviours.ts';
import { ContainerServer } from '../support/container-server.ts';
import { eachEngine } from '../support/each-engine.ts';
import { BASH_IMAGE } from '../support/engine-images.ts';

const behaviours = join(import.meta.dirname, '../behaviours');
const names = readdirSync(behaviours, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

/** What is promised of builds on the host is promised of those in containers. */
await eachEngine((engine) => {
  let world: ContainerServer;
  beforeAll(async () => {
    world = new ContainerServer(engine);
    world.enter();
    await world.start();
    await world.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    await world.s3.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: 'Enabled' } }));
  });
  afterAll(() => world.end());

  const environment = { type: 'LINUX_CONTAINER', image: BASH_IMAGE, computeType: 'BUILD_GENERAL1_SMALL' } as const;
  describe.concurrent('behaviours of a buildspec', () => {
    it.each(names)('%s', async (name) => {
      const seen = await behave(world, join(behaviours, name), name, { environment, folders: /\/\S*\/work\/containers\/[\w-]+/g });
      expect(seen).toEqual(JSON.parse(readFileSync(join(behaviours, name, 'expected.json'), 'utf8')));
    });
  });
});
