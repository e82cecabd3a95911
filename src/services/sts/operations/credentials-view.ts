import type { Sessions } from '../../../ports/credentials.ts';
import type { Credentials } from '../api.gen.ts';

export function credentialsView(issued: Awaited<ReturnType<Sessions['issue']>>): Credentials {
  const { accessKeyId, secretAccessKey, sessionToken, expires } = issued;
  return { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken, Expiration: expires };
}
