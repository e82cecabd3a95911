import type { SecretBox } from '../../ports/secrets.ts';
import { errors } from './api.gen.ts';

/** What a version holds: text or bytes. */
export interface SecretValue {
  readonly SecretString?: string;
  readonly SecretBinary?: Uint8Array;
}

const LARGEST = 65_536;

/** The value that a request carries; undefined where it carries none. Throws InvalidParameterException. */
export function givenValue({ SecretString, SecretBinary }: SecretValue): SecretValue | undefined {
  if (SecretString !== undefined && SecretBinary !== undefined)
    throw errors.InvalidParameterException("You can't specify both a binary secret value and a string secret value in the same secret.");
  const bytes = SecretString === undefined ? (SecretBinary?.byteLength ?? 0) : Buffer.byteLength(SecretString);
  if (bytes > LARGEST) throw errors.InvalidParameterException(`A secret value can have at most ${LARGEST} bytes.`);
  if (SecretString !== undefined) return { SecretString };
  return SecretBinary === undefined ? undefined : { SecretBinary };
}

export function sealValue(secrets: SecretBox, { SecretString, SecretBinary }: SecretValue): string {
  return secrets.seal(SecretString === undefined ? `b${Buffer.from(SecretBinary!).toString('base64')}` : `s${SecretString}`);
}

export function openValue(secrets: SecretBox, sealed: string): SecretValue {
  const text = secrets.open(sealed);
  return text.startsWith('s') ? { SecretString: text.slice(1) } : { SecretBinary: Buffer.from(text.slice(1), 'base64') };
}

export function sameValue(a: SecretValue, b: SecretValue): boolean {
  if (a.SecretBinary && b.SecretBinary) return Buffer.from(a.SecretBinary).equals(b.SecretBinary);
  return a.SecretString === b.SecretString && !a.SecretBinary === !b.SecretBinary;
}
