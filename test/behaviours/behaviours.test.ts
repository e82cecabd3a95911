import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { behave, BUCKET } from '../support/behaviours.ts';
import { BuildServer } from '../support/builds.ts';

const here = import.meta.dirname;
const names = readdirSync(here, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
const world = new BuildServer();

beforeAll(async () => {
  await world.start();
  await world.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await world.s3.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: 'Enabled' } }));
});
afterAll(() => world.end());

const environment = { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' } as const;

/** Each folder is a build (`source`, `buildspec.yml`, `build.json`) and what became of it (`expected.json`; UPDATE_BEHAVIOURS=1 writes it anew). */
describe.concurrent('behaviours of a buildspec, on the host', () => {
  it.each(names)('%s', async (name) => {
    const folder = join(here, name);
    const seen = await behave(world, folder, name, { environment, folders: /\/\S*\/work\/builds\/[\w-]+/g });
    const file = join(folder, 'expected.json');
    if (process.env['UPDATE_BEHAVIOURS'] || !existsSync(file)) writeFileSync(file, `${JSON.stringify(seen, null, 2)}\n`);
    expect(seen).toEqual(JSON.parse(readFileSync(file, 'utf8')));
  });
});
