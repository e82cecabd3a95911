import type { Principal } from '../../ports/authorise.ts';
import type { Credential, Sessions } from '../../ports/credentials.ts';
import { write } from '../../ports/database.ts';
import type { SecretBox } from '../../ports/secrets.ts';
import type { CredentialCache } from './cache.ts';
import { KEY_ID_LENGTH } from './rules/names.ts';
import { newSecretKey, newSessionToken } from './secrets.ts';
import { sessionSql } from './tables.ts';
import type { IamTools } from './tools.ts';

export interface SessionRow {
  readonly id: string;
  /** JSON. */
  readonly principal: string;
  /** Sealed, both. */
  readonly secret: string;
  readonly token: string;
  /** Epoch ms. */
  readonly expires: number;
}

export type SessionCredential = Credential & { readonly sessionToken: string; readonly expires: number };

/** Expired ones are kept this long, so that a late caller is told "expired" rather than "unknown". */
const KEEP_EXPIRED_MS = 24 * 3600_000;

export function sessionCredential(secrets: SecretBox, { id, principal, secret, token, expires }: SessionRow): SessionCredential {
  return {
    accessKeyId: id,
    secretAccessKey: secrets.open(secret),
    sessionToken: secrets.open(token),
    principal: JSON.parse(principal) as Principal,
    expires,
  };
}

/** The unique id behind a principal: a role session's id has the session's name after it. */
function entityOf({ id }: Principal): string {
  return id.split(':', 1)[0]!;
}

/** Temporary credentials are rows, so that they outlive a restart. Each issue sweeps away what expired a day ago. */
export function createSessions(tools: IamTools, cache: CredentialCache<Credential>): Sessions {
  const { ids, clock, secrets, commits } = tools;
  return {
    async issue(principal, ttlSeconds) {
      const now = clock.now();
      const accessKeyId = `ASIA${ids.base32(KEY_ID_LENGTH)}`;
      const [secretAccessKey, sessionToken, expires] = [newSecretKey(ids), newSessionToken(ids), now + ttlSeconds * 1000];
      const sealed = [secrets.seal(secretAccessKey), secrets.seal(sessionToken)];
      await commits.commit([
        write(sessionSql.sweep, [now - KEEP_EXPIRED_MS]),
        write(sessionSql.insert, [accessKeyId, entityOf(principal), JSON.stringify(principal), ...sealed, expires]),
      ]);
      return { accessKeyId, secretAccessKey, sessionToken, principal, expires };
    },
    async revoke(accessKeyId) {
      await commits.commit([write(sessionSql.delete, [accessKeyId])]);
      cache.forget(accessKeyId);
    },
  };
}
