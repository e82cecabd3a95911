/** What a variable of type SECRETS_MANAGER names. */
export interface SecretReference {
  /** A name, or a full or partial ARN. */
  readonly secretId: string;
  /** Without one the whole text of the secret is meant. */
  readonly jsonKey?: string;
  readonly versionStage?: string;
  readonly versionId?: string;
}

/** `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME` */
const ARN_FIELDS = 7;
const MOST_AFTER = 3;

/**
 * Reads `secret-id:json-key:version-stage:version-id`, each but the first may be empty or absent; undefined where there are more.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.secrets-manager
 */
export function parseSecretReference(text: string): SecretReference | undefined {
  const fields = text.split(':');
  const idFields = text.startsWith('arn:') ? ARN_FIELDS : 1;
  const secretId = fields.slice(0, idFields).join(':');
  const after = fields.slice(idFields);
  if (secretId === '' || after.length > MOST_AFTER) return undefined;
  const [jsonKey = '', versionStage = '', versionId = ''] = after;
  return {
    secretId,
    ...(jsonKey !== '' && { jsonKey }),
    ...(versionStage !== '' && { versionStage }),
    ...(versionId !== '' && { versionId }),
  };
}
