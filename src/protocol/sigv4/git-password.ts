import type { Credential, Credentials } from '../../ports/credentials.ts';
import { hmac, parseAmzDate, signingKey, stringToSign, uriDecode } from './canonical.ts';
import { equalText } from './verify.ts';

/** A git request with the user name and password that `aws codecommit credential-helper` made. */
export interface GitLogin {
  /** `AKIA…`, or `ASIA…%SESSIONTOKEN`. */
  readonly username: string;
  /** `20260101T000000Z` and 64 hex digits. */
  readonly password: string;
  /** `/v1/repos/NAME`: what git asked the helper about, a prefix of the request's path. */
  readonly paths: readonly string[];
  /** The Host header. */
  readonly host: string;
  /** The helper signs for the region in the host name, else the one of its configuration: those that may be meant. */
  readonly regions: readonly string[];
}

const SKEW_MS = 15 * 60_000;

function candidateHosts(host: string): string[] {
  const bare = host.replace(/:\d+$/, '');
  return bare === host ? [host] : [bare, host];
}

function matches(credential: Credential, login: GitLogin, amzDate: string, signature: string): boolean {
  const signedTime = amzDate.slice(0, -1);
  for (const region of login.regions) {
    const scope = { date: amzDate.slice(0, 8), region, service: 'codecommit' };
    const key = signingKey(credential.secretAccessKey, scope);
    for (const path of login.paths) {
      for (const host of candidateHosts(login.host)) {
        const canonical = `GIT\n${path}\n\nhost:${host}\n\nhost\n`;
        // The helper signs the time without its Z (and appends the Z to the password only); other implementations sign it with.
        for (const time of [signedTime, amzDate])
          if (equalText(hmac(key, stringToSign(time, scope, canonical)).toString('hex'), signature)) return true;
      }
    }
  }
  return false;
}

/** The credential that made this password, or undefined. https://docs.aws.amazon.com/codecommit/latest/userguide/setting-up-https-unixes.html */
export async function verifyGitPassword(login: GitLogin, credentials: Credentials, now: number): Promise<Credential | undefined> {
  const match = /^(\d{8}T\d{6}Z)([0-9a-f]{64})$/.exec(login.password);
  const at = login.username.indexOf('%');
  const accessKeyId = at < 0 ? login.username : login.username.slice(0, at);
  const token = at < 0 ? undefined : login.username.slice(at + 1);
  const time = match ? parseAmzDate(match[1]!) : undefined;
  if (!match || time === undefined || Math.abs(now - time) > SKEW_MS) return undefined;
  const credential = await credentials.find(accessKeyId);
  if (!credential || (credential.expires !== undefined && credential.expires <= now)) return undefined;
  const tokenFits = [token, token && uriDecode(token)].some((text) => equalText(text ?? '', credential.sessionToken ?? ''));
  return tokenFits && matches(credential, login, match[1]!, match[2]!) ? credential : undefined;
}
