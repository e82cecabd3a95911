import type { ByteStream } from '../ports/blobs.ts';

/**
 * The artifact of OutputArtifactFormat CODEBUILD_CLONE_REF: where a build finds the repository, and which commit it is to take. AWS does
 * not publish the file's form; this is ours. It holds no credentials: a build clones with its own.
 */
export interface CloneReference {
  /** The path below the server's address at which git finds the repository. */
  readonly path: string;
  readonly region: string;
  readonly commit: string;
  readonly branch: string;
  /** For people. */
  readonly repository: string;
}

export const CLONE_REFERENCE_FORMAT = 'pipewright/clone-reference/1';

export async function* cloneReference(reference: CloneReference): ByteStream & AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${JSON.stringify({ format: CLONE_REFERENCE_FORMAT, ...reference }, null, 2)}\n`);
}
