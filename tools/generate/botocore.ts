import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import yauzl from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import type { MemberModel, ShapeModel } from '../../src/protocol/model.ts';

/** The parts of a service-2.json that we read. */
export interface Botocore {
  readonly metadata: Readonly<Record<string, unknown>> & { readonly apiVersion: string; readonly protocol: string };
  readonly operations: Readonly<Record<string, BotocoreOperation>>;
  readonly shapes: Readonly<Record<string, BotocoreShape>>;
}

export interface BotocoreOperation {
  readonly name: string;
  readonly http: { readonly method: string; readonly requestUri: string; readonly responseCode?: number };
  readonly input?: { readonly shape: string };
  readonly output?: { readonly shape: string };
  readonly errors?: readonly { readonly shape: string }[];
  readonly authtype?: string;
  readonly auth?: readonly string[];
  readonly httpChecksum?: { readonly requestChecksumRequired?: boolean };
  /** Its name alone is kept: nobody calls it but the wire, which is told that it is not implemented. */
  readonly undescribed?: boolean;
}

export type BotocoreShape = ShapeModel & { readonly members?: Readonly<Record<string, MemberModel>>; readonly synthetic?: boolean };

/** The archive of the AWS CLI v1, which carries the model of every service. */
export function modelArchive(): string {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve('@aws-cdk/asset-awscli-v1/package.json')), 'lib', 'layer.zip');
}

function openZip(path: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    yauzl.open(path, { lazyEntries: true, autoClose: false }, (error, zip) => (error ? reject(error) : resolve(zip)));
  });
}

function listEntries(zip: ZipFile): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      zip.readEntry();
    });
    zip.on('end', () => resolve(entries));
    zip.on('error', reject);
    zip.readEntry();
  });
}

async function readEntry(zip: ZipFile, entry: Entry): Promise<string> {
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    zip.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** The newest model of each service asked for, by its folder name in the archive. */
export async function readModels(services: readonly string[]): Promise<Map<string, Botocore>> {
  const zip = await openZip(modelArchive());
  const newest = new Map<string, Entry>();
  for (const entry of await listEntries(zip)) {
    const match = /botocore\/data\/([^/]+)\/[^/]+\/service-2\.json$/.exec(entry.fileName);
    if (!match || !services.includes(match[1]!)) continue;
    const known = newest.get(match[1]!);
    if (!known || known.fileName < entry.fileName) newest.set(match[1]!, entry);
  }
  const models = new Map<string, Botocore>();
  for (const [name, entry] of newest) models.set(name, JSON.parse(await readEntry(zip, entry)) as Botocore);
  zip.close();
  return models;
}
