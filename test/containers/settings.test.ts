import { writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { outputOf } from '../support/builds.ts';
import { ContainerServer } from '../support/container-server.ts';
import { eachEngine } from '../support/each-engine.ts';
import { BASH_IMAGE } from '../support/engine-images.ts';

/** Three numbers of a /24 that no interface of this machine has: a test that was killed may have left its own. */
function freeSubnet(): string {
  const taken = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map(({ address }) => address));
  const subnets = Array.from({ length: 200 }, (_, index) => `172.31.${index + 50}`);
  return subnets.find((subnet) => !taken.some((address) => address.startsWith(`${subnet}.`)))!;
}

await eachEngine((engine) => {
  let world: ContainerServer;
  const start = async (settings: Readonly<Record<string, string>>, images?: Readonly<Record<string, string>>): Promise<void> => {
    world = new ContainerServer(engine);
    const file = join(world.home, 'images.json');
    if (images) writeFileSync(file, JSON.stringify(images));
    world.enter({ ...settings, ...(images && { PIPEWRIGHT_BUILD_IMAGES: file }) });
    await world.start();
  };
  afterEach(() => world.end());

  it('takes a container that was made ahead, for the same project and with nothing of the build before', async () => {
    await start({ PIPEWRIGHT_WARM_CONTAINERS: '1' });
    const commands = ['echo "${HOSTNAME:-} $(ls /tmp) $(ls "$CODEBUILD_SRC_DIR")"; echo "$CODEBUILD_SRC_DIR"; touch /tmp/left left'];
    const spec = JSON.stringify({ version: '0.2', phases: { build: { commands } } });
    const environment = { type: 'LINUX_CONTAINER', image: BASH_IMAGE, computeType: 'BUILD_GENERAL1_SMALL' } as const;
    const project = await world.project(spec, { environment });
    const own = async (): Promise<boolean> => {
      const build = await world.ended((await world.begin(project)).id!);
      const [left = '', folder = ''] = outputOf(await world.log(build)).split('\n');
      expect(left).not.toContain('left');
      return folder.includes(build.id!.split(':')[1]!);
    };
    // A build's own container is named for it; one that was made ahead could not be.
    expect(await own()).toBe(true);
    while (await own());
    await world.stop();
    expect(await engine.containers()).toEqual([]);
    await world.start();
  });

  it('maps names of images', async () => {
    await start({}, { 'aws/codebuild/standard:7.0': BASH_IMAGE, 'aws/codebuild/amazonlinux*': BASH_IMAGE });
    for (const image of ['aws/codebuild/standard:7.0', 'aws/codebuild/amazonlinux2-x86_64-standard:5.0']) {
      const build = await world.inImage(['echo "$OF_IMAGE $CODEBUILD_BUILD_IMAGE"'], image);
      expect(outputOf(await world.log(build))).toBe(`yes ${image}\n`);
    }
  });

  it('reaches the server from a network of the engine', async () => {
    const { client } = engine;
    await client.negotiate();
    const subnet = freeSubnet();
    const body = {
      Name: 'builds',
      Driver: 'bridge',
      Internal: true,
      IPAM: { Config: [{ Subnet: `${subnet}.0/24`, Gateway: `${subnet}.1` }] },
    };
    await client.json('POST', '/networks/create', { body });
    try {
      await start({ PIPEWRIGHT_BUILD_NETWORK: 'builds' });
      const build = await world.inImage([
        // By bash itself: busybox, linked statically, cannot look a host up in every image.
        'uri=${AWS_CONTAINER_CREDENTIALS_FULL_URI#http://}; host=${uri%%/*}; exec 3<>"/dev/tcp/${host%:*}/${host#*:}"',
        'printf "GET /%s HTTP/1.0\\r\\nHost: %s\\r\\nAuthorization: %s\\r\\n\\r\\n" "${uri#*/}" "$host" "$AWS_CONTAINER_AUTHORIZATION_TOKEN" >&3',
        'grep -c RoleArn <&3',
        'echo "$AWS_ENDPOINT_URL"',
        // SDKs fetch credentials over plain HTTP from few addresses, of which the gateway is none.
        'echo "${#AWS_ACCESS_KEY_ID} $AWS_SECRET_ACCESS_KEY $AWS_SESSION_TOKEN"',
      ]);
      expect([build.phases!.find((phase) => phase.contexts?.[0]?.message), outputOf(await world.log(build))]).toEqual([
        undefined,
        expect.stringMatching(new RegExp(`^1\nhttp://${subnet.replaceAll('.', '\\.')}\\.1:\\d+\n20 \\*\\*\\* \\*\\*\\*\n$`)),
      ]);
    } finally {
      await world.emptied();
      await client.json('DELETE', '/networks/builds');
    }
  });

  it('makes a network where credentials are at the address of those of AWS, and so not in the environment', async () => {
    const { client } = engine;
    await client.negotiate();
    try {
      await start({ PIPEWRIGHT_BUILD_NETWORK: 'pipewright' });
      const asking = (uri: string, header: string): string[] => [
        'exec 3<>/dev/tcp/169.254.170.2/80',
        `printf "GET %s HTTP/1.0\\r\\nHost: 169.254.170.2\\r\\n%b\\r\\n" "${uri}" "${header}" >&3`,
        'IFS= read -r answer <&3; echo "$answer"',
        'grep -c \'"RoleArn"\' <&3 || true',
      ];
      const build = await world.inImage([
        ...asking('$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', ''),
        // As SDKs do, which send the token where there is one.
        ...asking('$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN\\r\\n'),
        ...asking('/_pipewright/credentials/other', ''),
        'echo "${AWS_CONTAINER_CREDENTIALS_FULL_URI} ${AWS_ACCESS_KEY_ID-none}"',
        'echo "$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI $AWS_CONTAINER_AUTHORIZATION_TOKEN"',
      ]);
      expect([build.phases!.find((phase) => phase.contexts?.[0]?.message), outputOf(await world.log(build)).split('\n')]).toEqual([
        undefined,
        [
          'HTTP/1.1 200 OK\r',
          '1',
          'HTTP/1.1 200 OK\r',
          '1',
          'HTTP/1.1 403 Forbidden\r',
          '0',
          expect.stringMatching(/^http:\/\/169\.254\.170\.2:\d+\/_pipewright\/credentials\/[-0-9a-f]+ none$/),
          '/_pipewright/credentials/*** ***',
          '',
        ],
      ]);
    } finally {
      await world.emptied();
      await client.json('DELETE', '/networks/pipewright');
    }
  });
});
