import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../../kernel/errors.ts';
import type { PipewrightClient } from '../../client/client.ts';
import { gitLogin } from '../../client/git-login.ts';
import type { BuildCredentials, BuildSource, S3Object } from '../../services/pipewright/api.gen.ts';
import { clientError, PhaseFailure } from '../build/failure.ts';
import { insist } from '../client.ts';
import { fetchGit, type GitFetch } from './git.ts';
import { readCloneReference, type CloneReference } from './clone-reference.ts';
import { placer } from './place.ts';
import { unzip } from './unzip.ts';

export interface DownloadTools {
  readonly s3: PipewrightClient['s3'];
  /** A folder of ours inside the workspace. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  /** The server's base URL: repositories of CodeCommit are there, whatever their URL says. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: BuildCredentials | undefined;
  readonly mirrors?: GitFetch['mirrors'];
  readonly caFile?: string;
  /** Git's protocols; https:http:ssh unless a test says otherwise. */
  readonly gitProtocols?: string;
}

/** How long a download insists while the server is away. */
const INSIST_MS = 60_000;
/** The object metadata in which a pipeline's artifact names the revision it was made from. */
const REVISION = 'codepipeline-artifact-revision';

/** Puts the source into the (empty) directory. Answers the revision, where there is one to tell. */
export async function download(source: BuildSource, directory: string, tools: DownloadTools): Promise<string | undefined> {
  switch (source.kind) {
    case 'NO_SOURCE':
      return undefined;
    case 'CODEPIPELINE':
    case 'S3':
      return downloadObject(source, directory, tools);
    case 'CODECOMMIT':
    case 'GIT':
      return downloadGit(source, directory, tools);
  }
}

async function downloadGit(source: BuildSource, directory: string, tools: DownloadTools): Promise<string> {
  const { version, depth = 0, submodules = false, insecureSsl = false } = source;
  return fetchGit({
    ...remoteOf(source, tools),
    version,
    depth,
    submodules,
    insecureSsl,
    directory,
    signal: tools.signal,
    ...(tools.mirrors && { mirrors: tools.mirrors }),
    ...(tools.caFile !== undefined && { caFile: tools.caFile }),
    ...(tools.gitProtocols !== undefined && { protocols: tools.gitProtocols }),
  });
}

/** `https://git-codecommit.REGION.amazonaws.com/v1/repos/NAME`, or any repository's own URL. */
export function remoteOf(
  { kind, location = '', login: given, problem }: Pick<BuildSource, 'kind' | 'location' | 'login' | 'problem'>,
  tools: Pick<DownloadTools, 'endpoint' | 'region' | 'credentials'>,
): Pick<GitFetch, 'url' | 'credentials'> {
  if (problem !== undefined) throw clientError(problem);
  const repository = kind === 'CODECOMMIT' ? /\/v1\/repos\/([^/?#]+)\/?$/.exec(location)?.[1] : undefined;
  if (repository === undefined) return { url: location, ...(given && { credentials: given }) };
  const region = /git-codecommit\.([a-z0-9-]+)\./.exec(location)?.[1] ?? tools.region;
  const login =
    tools.credentials && gitLogin(tools.credentials, { endpoint: tools.endpoint, region, path: `/v1/repos/${repository}` }, Date.now());
  return { url: `${tools.endpoint}/v1/repos/${repository}`, ...(login && { credentials: login }) };
}

async function downloadObject(source: BuildSource, directory: string, tools: DownloadTools): Promise<string | undefined> {
  const { object, identifier } = source;
  if (!object) throw clientError('The source has no location');
  try {
    if (object.key === '' || object.key.endsWith('/')) return await downloadFolder(object, directory, tools);
    return await downloadArchive(object, directory, tools);
  } catch (error) {
    if (tools.signal.aborted || error instanceof PhaseFailure) throw error;
    const name = identifier === undefined ? 'primary source' : `secondary source ${identifier}`;
    const { code = 'InternalError' } = error as { code?: string };
    throw clientError(`${code}: ${messageOf(error)} for ${name} and source version arn:aws:s3:::${object.bucket}/${object.key}`);
  }
}

/** Archives up to this many bytes are unpacked from memory. */
const IN_MEMORY = 16 * 1024 * 1024;

async function downloadArchive(object: S3Object, directory: string, tools: DownloadTools): Promise<string | undefined> {
  const path = join(tools.scratch, `source-${object.key.replace(/[^A-Za-z0-9]/g, '').slice(-40)}.zip`);
  const { archive, revision } = await insist(() => fetchArchive(object, path, tools), tools.signal, INSIST_MS);
  const reference = typeof archive === 'string' ? undefined : readCloneReference(archive);
  if (reference) await cloneReferred(reference, directory, tools);
  else await unzip(archive, directory);
  if (typeof archive === 'string') await rm(archive);
  return revision;
}

/** A pipeline's source with OutputArtifactFormat CODEBUILD_CLONE_REF: the whole repository, from our own server, with the build's credentials. */
async function cloneReferred({ path, region, commit }: CloneReference, directory: string, tools: DownloadTools): Promise<void> {
  const { endpoint, credentials, signal, gitProtocols, mirrors } = tools;
  const login = credentials && gitLogin(credentials, { endpoint, region, path }, Date.now());
  await fetchGit({
    url: `${endpoint}${path}`,
    version: commit,
    depth: 0,
    wholeRepository: true,
    submodules: false,
    insecureSsl: false,
    directory,
    signal,
    ...(login && { credentials: login }),
    ...(mirrors && { mirrors }),
    ...(gitProtocols !== undefined && { protocols: gitProtocols }),
  });
}

/** The archive's bytes, or the path of the file they were saved in, with its revision or version. */
async function fetchArchive(object: S3Object, path: string, tools: DownloadTools) {
  const { Body, ContentLength = Infinity, revision } = await getObject(object, tools);
  if (!Body) return { archive: Buffer.alloc(0), revision };
  if (ContentLength <= IN_MEMORY) {
    const pieces: Uint8Array[] = [];
    for await (const piece of Body) pieces.push(piece);
    return { archive: Buffer.concat(pieces), revision };
  }
  await pipeline(Readable.from(Body, { objectMode: false }), createWriteStream(path), { signal: tools.signal });
  return { archive: path, revision };
}

async function getObject({ bucket, key, versionId }: S3Object, { s3 }: DownloadTools) {
  const answer = await s3.getObject({ Bucket: bucket, Key: key, ...(versionId !== undefined && { VersionId: versionId }) });
  const version = answer.VersionId === 'null' ? undefined : answer.VersionId;
  return { ...answer, revision: answer.Metadata?.[REVISION] ?? version };
}

async function saveObject(object: S3Object, path: string, tools: DownloadTools): Promise<void> {
  const { Body } = await getObject(object, tools);
  if (Body) await pipeline(Readable.from(Body, { objectMode: false }), createWriteStream(path), { signal: tools.signal });
}

async function downloadFolder(folder: S3Object, directory: string, tools: DownloadTools): Promise<undefined> {
  const place = placer(directory);
  let token: string | undefined;
  do {
    const page = await tools.s3.listObjectsV2({
      Bucket: folder.bucket,
      Prefix: folder.key,
      ...(token !== undefined && { ContinuationToken: token }),
    });
    for (const { Key = '' } of page.Contents ?? []) {
      const name = Key.slice(folder.key.length);
      if (name === '') continue;
      if (name.endsWith('/')) await mkdir(place(name), { recursive: true });
      else await saveObject({ bucket: folder.bucket, key: Key }, place(name), tools);
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
}
