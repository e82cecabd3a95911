import { amzDateOf, hmac, signingKey, stringToSign } from '../protocol/sigv4/canonical.ts';
import type { SigningKey } from '../protocol/sigv4/sign.ts';

/** A repository as git reaches it. */
export interface GitPlace {
  /** The server's base URL. */
  readonly endpoint: string;
  readonly region: string;
  /** The repository's path: `/v1/repos/NAME`. */
  readonly path: string;
}

/**
 * User name and password with which git reads a repository of CodeCommit's or behind a connection, as `aws codecommit credential-helper` makes them:
 * https://docs.aws.amazon.com/codecommit/latest/userguide/setting-up-https-unixes.html. Good for fifteen minutes from `now` (epoch ms).
 */
export function gitLogin(key: SigningKey, place: GitPlace, now: number): { readonly username: string; readonly password: string } {
  const time = amzDateOf(now);
  const scope = { date: time.slice(0, 8), region: place.region, service: 'codecommit' };
  const canonical = `GIT\n${place.path}\n\nhost:${new URL(place.endpoint).host}\n\nhost\n`;
  const signature = hmac(signingKey(key.secretAccessKey, scope), stringToSign(time.slice(0, -1), scope, canonical)).toString('hex');
  return {
    username: key.sessionToken === undefined ? key.accessKeyId : `${key.accessKeyId}%${key.sessionToken}`,
    password: `${time}${signature}`,
  };
}
