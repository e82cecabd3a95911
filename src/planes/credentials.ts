import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../kernel/clock.ts';
import type { Credentials } from '../ports/credentials.ts';
import type { SecretBox } from '../ports/secrets.ts';
import { openBuildToken } from './build-token.ts';

const PREFIX = '/_pipewright/credentials/';

export interface CredentialsPlaneTools {
  readonly secrets: SecretBox;
  readonly credentials: Credentials;
  readonly clock: Clock;
}

function send(response: ServerResponse, status: number, value: object): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.byteLength, 'cache-control': 'no-store' });
  response.end(body);
}

/**
 * The credentials endpoint that AWS_CONTAINER_CREDENTIALS_FULL_URI of a build points at; its token is the build's own and ends with it.
 * AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, which is asked without a header, has it in its path.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
export function createCredentialsPlane({ secrets, credentials, clock }: CredentialsPlaneTools) {
  return {
    matches: (request: IncomingMessage): boolean => request.url?.startsWith(PREFIX) ?? false,
    async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
      if (request.method !== 'GET') return send(response, 405, { code: 'MethodNotAllowed', message: 'Only GET is answered here.' });
      const token = openBuildToken(secrets, request.headers.authorization ?? request.url!.slice(PREFIX.length));
      const found = token && (await credentials.find(token.accessKeyId));
      if (!token || !found?.sessionToken || (found.expires ?? 0) <= clock.now()) {
        return send(response, 403, { code: 'AccessDenied', message: 'The authorization token is not valid, or the build has ended.' });
      }
      send(response, 200, {
        RoleArn: token.role,
        AccessKeyId: found.accessKeyId,
        SecretAccessKey: found.secretAccessKey,
        Token: found.sessionToken,
        Expiration: new Date(found.expires ?? 0).toISOString(),
      });
    },
  };
}
