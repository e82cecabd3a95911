import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';

export type CliVersion = 'v1' | 'v2';

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly endpoint: string;
  readonly region?: string;
  readonly key?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
  readonly cwd?: string;
  /** More environment; HOME is a folder without configuration otherwise. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** The CLIs carry every service's model; of version 2 only these are unpacked. (Version 1 looks for more of them as it starts.) */
const SERVICES = new Set(
  (
    'codepipeline codebuild codecommit codedeploy events logs iam sts s3 s3control sns cloudformation ecr ecs lambda ssm secretsmanager ' +
    'sso sso-oidc signin'
  ).split(' '),
);
/** What was unpacked with another list is not what this one asks for. */
const LIST = createHash('sha256')
  .update([...SERVICES].join())
  .digest('hex')
  .slice(0, 8);

function isWanted(name: string): boolean {
  if (!name.startsWith('awscli/v2/')) return !/\/(examples|topics|__pycache__)\//.test(name);
  const service = /\/botocore\/data\/([^/]+)\//.exec(name)?.[1];
  return (service === undefined || SERVICES.has(service)) && !/\/(examples|topics)\/|ac\.index$/.test(name);
}

function openZip(path: string): Promise<ZipFile> {
  return new Promise((done, fail) => {
    yauzl.open(path, { lazyEntries: true }, (error, zip) => (error ? fail(error) : done(zip)));
  });
}

async function writeEntry(zip: ZipFile, entry: Entry, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const source = await new Promise<NodeJS.ReadableStream>((done, fail) => {
    zip.openReadStream(entry, (error, stream) => (error ? fail(error) : done(stream)));
  });
  const mode = (entry.externalFileAttributes >>> 16) & 0o777;
  await pipeline(source, createWriteStream(target, { mode: mode === 0 ? 0o644 : mode }));
}

function unpack(zip: ZipFile, into: string): Promise<void> {
  return new Promise((done, fail) => {
    zip.on('error', fail);
    zip.on('end', () => done());
    zip.on('entry', (entry: Entry) => {
      const skip = entry.fileName.endsWith('/') || !isWanted(entry.fileName);
      const written = skip ? Promise.resolve() : writeEntry(zip, entry, join(into, entry.fileName));
      written.then(() => zip.readEntry(), fail);
    });
    zip.readEntry();
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The unpacked CLI's folder. Unpacked once per version of the package; whoever comes second finds it whole. */
async function folderOf(version: CliVersion): Promise<string> {
  const manifest = createRequire(import.meta.url).resolve(`@aws-cdk/asset-awscli-${version}/package.json`);
  const { version: release } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  const cache = resolve('node_modules/.cache/aws-cli');
  const folder = join(cache, version === 'v2' ? `${version}-${release}-${LIST}` : `${version}-${release}`);
  if (await exists(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const aside = await mkdtemp(join(cache, 'unpacking-'));
  await unpack(await openZip(join(dirname(manifest), 'lib', 'layer.zip')), aside);
  await rename(aside, folder).catch((error: unknown) =>
    rm(aside, { recursive: true })
      .then(() => exists(folder))
      .then((there) => (there ? undefined : Promise.reject(error))),
  );
  return folder;
}

interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

async function programOf(version: CliVersion): Promise<Program> {
  const folder = await folderOf(version);
  if (version === 'v1') return { command: 'python3', args: ['-m', 'awscli'], env: { PYTHONPATH: join(folder, 'awscli') } };
  const [release] = await readdir(join(folder, 'awscli', 'v2'));
  // `bin/aws` is a link that the archive keeps as text; what it points to runs.
  return { command: join(folder, 'awscli', 'v2', release!, 'dist', 'aws'), args: [], env: {} };
}

function environment({ endpoint, key, region, env }: CliOptions): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: '/nonexistent',
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region ?? 'us-east-1',
    AWS_DEFAULT_REGION: region ?? 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '2',
    AWS_PAGER: '',
    ...(key && { AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secretAccessKey }),
    ...(key?.sessionToken !== undefined && { AWS_SESSION_TOKEN: key.sessionToken }),
    ...env,
  };
}

/** Runs the real AWS CLI against an endpoint. A non-zero exit is a result, not a rejection. */
export async function awsCli(version: CliVersion, args: readonly string[], options: CliOptions): Promise<CliResult> {
  const program = await programOf(version);
  const env = { ...environment(options), ...program.env };
  return new Promise((done, fail) => {
    const child = execFile(
      program.command,
      [...program.args, ...args],
      { env, cwd: options.cwd, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') fail(error);
        else done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      },
    );
    child.stdin?.end(options.stdin ?? '');
  });
}

/** Runs a program on a terminal of its own: elsewhere Python keeps lines back until it has many. */
const ON_TERMINAL = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)';

/** The CLI left running on a terminal, for commands that end only when they are told to; a byte 3 on its stdin is Ctrl-C. */
export async function startAwsCli(version: CliVersion, args: readonly string[], options: CliOptions): Promise<ChildProcess> {
  const program = await programOf(version);
  const env = { ...environment(options), ...program.env };
  const command = ['-c', ON_TERMINAL, program.command, ...program.args, ...args];
  return spawn('python3', command, { env, cwd: options.cwd, stdio: ['pipe', 'pipe', 'inherit'] });
}

/** Writes a program `aws` into the folder, for whoever looks for it on the PATH: git, and its credential helper. */
export async function installAwsCli(version: CliVersion, folder: string): Promise<void> {
  const { command, args, env } = await programOf(version);
  const exports = Object.entries(env).map(([name, value]) => `export ${name}='${value}'\n`);
  const script = `#!/bin/sh\n${exports.join('')}exec '${command}' ${args.join(' ')} "$@"\n`;
  await writeFile(join(folder, 'aws'), script, { mode: 0o755 });
}
