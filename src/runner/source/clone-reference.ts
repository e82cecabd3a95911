import { isObject } from '../../kernel/json.ts';

/** What a source action writes for OutputArtifactFormat CODEBUILD_CLONE_REF (src/actions/clone-reference.ts). */
export interface CloneReference {
  /** Below the server's address; nothing else is cloned so. */
  readonly path: string;
  readonly region: string;
  readonly commit: string;
}

const FORMAT = 'pipewright/clone-reference/1';
const LONGEST = 8_192;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The reference in a downloaded artifact; undefined where it is something else, an archive as a rule. */
export function readCloneReference(bytes: Buffer): CloneReference | undefined {
  if (bytes.length > LONGEST || bytes[0] !== '{'.charCodeAt(0)) return undefined;
  const value = parse(bytes.toString());
  if (!isObject(value) || value.format !== FORMAT) return undefined;
  const { path, region, commit } = value;
  if (typeof path !== 'string' || typeof region !== 'string' || typeof commit !== 'string') return undefined;
  const known =
    /^\/(?:v1\/repos|git-http)\/[\w./-]+$/.test(path) && !path.includes('..') && /^[\w-]+$/.test(region) && /^[0-9a-f]{40}$/.test(commit);
  return known ? { path, region, commit } : undefined;
}
