import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

const TYPES = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
};

export interface TestRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Paths that were asked for without, or with a wrong, login. */
  readonly refused: readonly string[];
  close(): Promise<void>;
}

/** A registry that holds one image of one layer, `private/image:1`, for whoever logs in so: https://github.com/opencontainers/distribution-spec */
export async function startRegistry(
  layerTar: Buffer,
  login: { readonly username: string; readonly password: string },
): Promise<TestRegistry> {
  const layer = gzipSync(layerTar);
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Env: ['PATH=/bin'] },
      rootfs: { type: 'layers', diff_ids: [digestOf(layerTar)] },
    }),
  );
  const described = (mediaType: string, bytes: Buffer) => ({ mediaType, size: bytes.length, digest: digestOf(bytes) });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: TYPES.manifest,
      config: described(TYPES.config, config),
      layers: [described(TYPES.layer, layer)],
    }),
  );
  const content = new Map<string, readonly [string, Buffer]>([
    ['/v2/', ['application/json', Buffer.from('{}')]],
    ['/v2/private/image/manifests/1', [TYPES.manifest, manifest]],
    [`/v2/private/image/manifests/${digestOf(manifest)}`, [TYPES.manifest, manifest]],
    ...[config, layer].map((bytes) => [`/v2/private/image/blobs/${digestOf(bytes)}`, ['application/octet-stream', bytes]] as const),
  ]);
  const wanted = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  const refused: string[] = [];
  const serve = ({ url = '', method, headers }: IncomingMessage, response: ServerResponse): void => {
    if (headers.authorization !== wanted) {
      refused.push(url);
      return void response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="test"' }).end();
    }
    const found = content.get(url);
    if (!found) return void response.writeHead(404).end();
    const [type, bytes] = found;
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': bytes.length, 'Docker-Content-Digest': digestOf(bytes) });
    response.end(method === 'HEAD' ? undefined : bytes);
  };
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, refused, close };
}
