import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { PipewrightError } from '../kernel/errors.ts';
import type { SecretBox } from '../ports/secrets.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The key's name in what it sealed: not secret, and tells nothing about the key. */
function keyId(key: Buffer): string {
  return createHash('sha256').update('pipewright key id').update(key).digest('hex').slice(0, 8);
}

function badSecret(problem: string): PipewrightError {
  return new PipewrightError('BadSecret', problem);
}

/** Seals under the first key, opens under any: old keys stay readable after a change. Keys are 32 bytes. */
export function createSecretBox(keys: readonly Buffer[]): SecretBox {
  const [first] = keys;
  if (!first) throw badSecret('no master key');
  const byId = new Map(keys.map((key) => [keyId(key), key]));
  return {
    seal(plain) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', first, nonce);
      const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return `${keyId(first)}.${Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64')}`;
    },
    open(text) {
      const dot = text.indexOf('.');
      const key = byId.get(text.slice(0, Math.max(dot, 0)));
      if (!key) throw badSecret('sealed under a key that is not here');
      const bytes = Buffer.from(text.slice(dot + 1), 'base64');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) throw badSecret('the sealed text is cut short');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)).toString('utf8') + decipher.final('utf8');
      } catch {
        // The cipher's own error says nothing more than this, and must not carry pieces of the text.
        throw badSecret('the sealed text was changed');
      }
    },
  };
}

function parseKey(text: string, source: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== KEY_BYTES) throw badSecret(`${source} must hold ${KEY_BYTES} bytes in base64`);
  return key;
}

/** Durable before it is used: a secret sealed under a key that a crash took could never be opened again. */
function writeKey(path: string): void {
  const file = openSync(`${path}.new`, 'w', 0o600);
  writeSync(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
  fsyncSync(file);
  closeSync(file);
  renameSync(`${path}.new`, path);
  const folder = openSync(dirname(path), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

/**
 * The master key: `fromEnvironment` (the value of PIPEWRIGHT_MASTER_KEY, base64 of 32 bytes) where it is set, else the file at
 * `path`, made with mode 0600 at the first start. Throws BadSecret for a key of another length or a file that others can read.
 */
export function loadMasterKey(path: string, fromEnvironment?: string): Buffer {
  if (fromEnvironment) return parseKey(fromEnvironment, 'PIPEWRIGHT_MASTER_KEY');
  if (!existsSync(path)) writeKey(path);
  if ((statSync(path).mode & 0o077) !== 0) throw badSecret(`${path} can be read by others; its mode must be 0600`);
  return parseKey(readFileSync(path, 'utf8'), path);
}
