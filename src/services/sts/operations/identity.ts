import { ApiError } from '../../../protocol/errors.ts';
import type { Api } from '../api.gen.ts';
import type { StsTools } from '../tools.ts';
import { credentialsView } from './credentials-view.ts';
import { refuseMfa } from './mfa.ts';

type Operations = Pick<Api, 'getCallerIdentity' | 'getSessionToken' | 'getAccessKeyInfo'>;

const HOUR = 3600;

export function identityOperations(tools: StsTools): Operations {
  return {
    async getCallerIdentity(_input, { principal }) {
      return { UserId: principal.id, Account: principal.account, Arn: principal.arn };
    },

    // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html: users 12 hours, 36 at most; the root one hour at most.
    async getSessionToken(input, { principal }) {
      refuseMfa(input);
      if (principal.session !== undefined || (principal.kind !== 'user' && principal.kind !== 'root')) {
        throw new ApiError('AccessDenied', 'Cannot call GetSessionToken with session credentials', 403);
      }
      const asked = input.DurationSeconds ?? 12 * HOUR;
      const seconds = principal.kind === 'root' ? Math.min(asked, HOUR) : asked;
      return { Credentials: credentialsView(await tools.sessions.issue({ ...principal, session: 'user' }, seconds)) };
    },

    async getAccessKeyInfo({ AccessKeyId }) {
      const credential = await tools.credentials.find(AccessKeyId);
      if (!credential) throw new ApiError('ValidationError', 'Invalid access key id', 400);
      return { Account: credential.principal.account };
    },
  };
}
