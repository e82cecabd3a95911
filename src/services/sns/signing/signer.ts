import { createHash, generateKeyPair, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { write } from '../../../ports/database.ts';
import { sql } from '../tables.ts';
import type { SnsTools } from '../tools.ts';
import { privateKeyOf, selfSigned } from './certificate.ts';

interface Identity {
  readonly key: KeyObject;
  readonly certificate: string;
  /** Where it is served: `/SimpleNotificationService-….pem`, the form that validators ask for. */
  readonly path: string;
}

interface SigningRow {
  readonly private_key: string;
  readonly certificate: string;
}

/** Signature version 1 is SHA1 with RSA, version 2 SHA256: https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html */
const DIGESTS: Readonly<Record<string, string>> = { '1': 'sha1', '2': 'sha256' };

function pathOf(certificate: string): string {
  return `/SimpleNotificationService-${createHash('sha256').update(certificate).digest('hex').slice(0, 32)}.pem`;
}

/** Signs messages. The key is made when the first message asks for it, and kept sealed. */
export class Signer {
  readonly #tools: SnsTools;
  #identity: Promise<Identity> | undefined;

  constructor(tools: SnsTools) {
    this.#tools = tools;
  }

  /** Base64. */
  async sign(text: string, version: string): Promise<string> {
    const { key } = await this.#load();
    return sign(DIGESTS[version] ?? 'sha1', Buffer.from(text), key).toString('base64');
  }

  async certificatePath(): Promise<string> {
    return (await this.#load()).path;
  }

  /** The certificate that is served at this path, PEM; undefined for any other path. */
  async certificateAt(path: string): Promise<string | undefined> {
    const row = await this.#tools.db.get<SigningRow>(sql.signing);
    return row && pathOf(row.certificate) === path ? row.certificate : undefined;
  }

  #load(): Promise<Identity> {
    return (this.#identity ??= this.#findOrMake().catch((error: unknown) => {
      // The next message tries again.
      this.#identity = undefined;
      throw error;
    }));
  }

  async #findOrMake(): Promise<Identity> {
    const { db, commits, secrets, clock } = this.#tools;
    if (!(await db.get<SigningRow>(sql.signing))) {
      const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
      const sealed = secrets.seal(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
      await commits.commit([write(sql.insertSigning, [sealed, selfSigned(privateKey, 'sns.pipewright', clock.now())])]);
    }
    // Whoever has written it first.
    const row = (await db.get<SigningRow>(sql.signing))!;
    return { key: privateKeyOf(secrets.open(row.private_key)), certificate: row.certificate, path: pathOf(row.certificate) };
  }
}
