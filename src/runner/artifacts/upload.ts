import { join } from 'node:path';
import type { PipewrightClient } from '../../client/client.ts';
import { messageOf } from '../../kernel/errors.ts';
import { readInside, streamInside } from '../../kernel/open-inside.ts';
import type { ArtifactSpec } from '../../services/codebuild/rules/buildspec/types.ts';
import type { ArtifactTarget, BuiltArtifact } from '../../services/pipewright/api.gen.ts';
import { clientError, PhaseFailure } from '../build/failure.ts';
import { insist } from '../client.ts';
import { pack } from './pack.ts';
import { select, type Ground, type SelectedFile, type Tell } from './select.ts';

export interface UploadTools {
  readonly s3: PipewrightClient['s3'];
  readonly scratch: string;
  readonly ground: Ground;
  readonly signal: AbortSignal;
  readonly revision: string | undefined;
  readonly buildArn: string;
  readonly tell: Tell;
}

const INSIST_MS = 60_000;
/** Up to this a body is sent at once, hashed and all; more is streamed. */
const AT_ONCE = 4 * 1024 * 1024;
const REVISION = 'codepipeline-artifact-revision';
/** What tells whose artifact it is: https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts */
const BUILD_ARN = 'codebuild-buildarn';

function metadata({ kind }: ArtifactTarget, { revision, buildArn }: UploadTools): Record<string, string> {
  return { [BUILD_ARN]: buildArn, ...(kind === 'CODEPIPELINE' && revision !== undefined && { [REVISION]: revision }) };
}

function joined(...parts: readonly (string | undefined)[]): string {
  const clean = parts.map((part) => (part ?? '').replace(/^\/+|\/+$/g, ''));
  return clean.filter((part) => part !== '').join('/');
}

/** Where an artifact goes: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectArtifacts.html */
export function artifactKey(target: ArtifactTarget, spec: ArtifactSpec): string {
  if (target.kind === 'CODEPIPELINE') return joined(target.path, target.name);
  const name = target.overrideName && spec.name !== undefined ? spec.name : target.name;
  return joined(target.path, target.namespace === undefined ? undefined : spec.s3Prefix, target.namespace, name);
}

async function put(
  tools: UploadTools,
  target: ArtifactTarget,
  key: string,
  file: Pick<SelectedFile, 'source' | 'within' | 'size'>,
): Promise<void> {
  const zipped = target.packaging === 'ZIP';
  await insist(
    () =>
      tools.s3.putObject({
        Bucket: target.bucket,
        Key: key,
        Body: file.size <= AT_ONCE ? readInside(file.source, file.within) : streamInside(file.source, file.within),
        ContentLength: file.size,
        ...(zipped && { ContentType: 'application/zip' }),
        Metadata: metadata(target, tools),
      }),
    tools.signal,
    INSIST_MS,
  );
}

async function putFiles(tools: UploadTools, target: ArtifactTarget, folder: string, files: readonly SelectedFile[]): Promise<void> {
  const waiting = [...files];
  const worker = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      await put(tools, target, joined(folder, file.path), file);
    }
  };
  await Promise.all(Array.from({ length: Math.min(8, files.length) }, worker));
}

async function uploadOne(target: ArtifactTarget, spec: ArtifactSpec, tools: UploadTools): Promise<BuiltArtifact> {
  // S3 has no links: where files go up one by one, what a link leads to goes up.
  const files = await select(target.packaging === 'NONE' ? { ...spec, enableSymlinks: false } : spec, tools.ground, tools.tell);
  const key = artifactKey(target, spec);
  const identity = {
    ...(target.identifier !== undefined && { identifier: target.identifier }),
    location: `arn:aws:s3:::${joined(target.bucket, key)}`,
  };
  if (target.packaging === 'NONE') {
    await putFiles(tools, target, key, files);
    return identity;
  }
  const packed = await pack(files, join(tools.scratch, `artifact-${target.identifier ?? 'primary'}.zip`));
  await put(tools, target, key, { source: packed.path, within: tools.scratch, size: packed.size });
  return { ...identity, md5sum: packed.md5, sha256sum: packed.sha256 };
}

function undefinedArtifact(identifier: string | undefined): string {
  return identifier === undefined ? 'no matching artifact paths found' : `no definition for secondary artifact ${identifier}`;
}

/** Uploads what the buildspec names to where the project says. Fails the phase with AWS's messages. */
export async function uploadArtifacts(
  targets: { readonly primary: readonly ArtifactTarget[]; readonly secondary: readonly ArtifactTarget[] },
  specs: { readonly primary: ArtifactSpec | undefined; readonly secondary: Readonly<Record<string, ArtifactSpec>> },
  tools: UploadTools,
): Promise<readonly BuiltArtifact[]> {
  const built: BuiltArtifact[] = [];
  const wanted = [
    ...targets.primary.map((target) => ({ target, spec: specs.primary })),
    ...targets.secondary.map((target) => ({ target, spec: specs.secondary[target.identifier ?? ''] })),
  ];
  for (const { target, spec } of wanted) {
    if (!spec) throw clientError(undefinedArtifact(targets.primary.includes(target) ? undefined : target.identifier));
    try {
      built.push(await uploadOne(target, spec, tools));
    } catch (error) {
      if (tools.signal.aborted || error instanceof PhaseFailure) throw error;
      throw clientError(
        `Error in UPLOAD_ARTIFACTS phase: [${target.path ?? target.name}: [${(error as { code?: string }).code ?? 'InternalError'}: ${messageOf(error)}]]`,
      );
    }
  }
  return built;
}
