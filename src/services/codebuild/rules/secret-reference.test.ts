import { expect, it } from 'vitest';
import { parseSecretReference } from './secret-reference.ts';

const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-a1B2c3';

it.each([
  ['prod/db', { secretId: 'prod/db' }],
  ['prod/db:password', { secretId: 'prod/db', jsonKey: 'password' }],
  ['prod/db:password:AWSPREVIOUS', { secretId: 'prod/db', jsonKey: 'password', versionStage: 'AWSPREVIOUS' }],
  ['prod/db:password::v1', { secretId: 'prod/db', jsonKey: 'password', versionId: 'v1' }],
  ['prod/db:::', { secretId: 'prod/db' }],
  ['prod/db::AWSPREVIOUS', { secretId: 'prod/db', versionStage: 'AWSPREVIOUS' }],
  [ARN, { secretId: ARN }],
  [`${ARN}:password`, { secretId: ARN, jsonKey: 'password' }],
  [`${ARN}:password:AWSCURRENT:`, { secretId: ARN, jsonKey: 'password', versionStage: 'AWSCURRENT' }],
  ['prod/db:a:b:c:d', undefined],
  [':password', undefined],
])('%s', (text, expected) => {
  expect(parseSecretReference(text)).toEqual(expected);
});
