import { randomInt } from 'node:crypto';
import { formatArn } from '../../../kernel/arn.ts';
import { WriteConflict, write } from '../../../ports/database.ts';
import { notImplemented } from '../../../protocol/errors.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api, type CreateSecretRequest, type CreateSecretResponse } from '../api.gen.ts';
import { checkTags } from '../rules/tags.ts';
import { checkName } from '../rules/secret-id.ts';
import { CURRENT } from '../rules/stages.ts';
import { sql, type SecretRow, type VersionRow } from '../tables.ts';
import { findSecret, removal, type SecretsTools } from '../tools.ts';
import { givenValue, openValue, sameValue, sealValue, type SecretValue } from '../values.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const suffix = (): string => Array.from({ length: 6 }, () => LETTERS[randomInt(LETTERS.length)]).join('');

/** The same call again answers what the first one did. */
async function before(tools: SecretsTools, row: SecretRow, input: CreateSecretRequest, value: SecretValue | undefined) {
  if (row.deleted !== null)
    throw errors.InvalidRequestException("You can't create this secret because a secret with this name is already scheduled for deletion.");
  const token = input.ClientRequestToken;
  const version = token === undefined ? undefined : await tools.db.get<VersionRow>(sql.version, row.arn, token);
  if (version && value && sameValue(openValue(tools.secrets, version.value), value))
    return { ARN: row.arn, Name: row.name, VersionId: version.id };
  throw errors.ResourceExistsException(`The operation failed because the secret ${row.name} already exists.`);
}

async function insert(tools: SecretsTools, input: CreateSecretRequest, ctx: CallContext, value: SecretValue | undefined) {
  const { account, region } = ctx;
  const { Name: name, Description = null, KmsKeyId = null, Tags = [] } = input;
  const arn = formatArn('secretsmanager', region, account, `secret:${name}-${suffix()}`);
  const version = input.ClientRequestToken ?? tools.ids.uuid();
  const now = tools.clock.now();
  // One whose recovery window is over and that nobody has cleared away yet makes room.
  const over = await tools.db.get<SecretRow>(sql.secret, account, region, name);
  await tools.commits.commit([
    ...(over?.purge != null && over.purge <= now ? removal(over.arn) : []),
    write(sql.insertSecret, [account, region, name, arn, Description, KmsKeyId, now, now]),
    ...(value
      ? [write(sql.insertVersion, [arn, version, sealValue(tools.secrets, value), now]), write(sql.insertStage, [arn, CURRENT, version])]
      : []),
    ...Tags.map(({ Key = '', Value = '' }) => write(sql.putTag, [arn, Key, Value])),
  ]);
  return { ARN: arn, Name: name, ...(value && { VersionId: version }) };
}

export function createOperations(tools: SecretsTools): Pick<Api, 'createSecret'> {
  return {
    async createSecret(input, ctx): Promise<CreateSecretResponse> {
      checkName(input.Name);
      checkTags([], input.Tags ?? []);
      if (input.AddReplicaRegions) throw notImplemented('secretsmanager', 'CreateSecret with AddReplicaRegions');
      if (input.Type !== undefined) throw notImplemented('secretsmanager', 'CreateSecret with Type');
      const value = givenValue(input);
      for (;;) {
        const row = await findSecret(tools, ctx, input.Name);
        if (row) return before(tools, row, input, value);
        try {
          return await insert(tools, input, ctx, value);
        } catch (error) {
          // Somebody else has made it meanwhile.
          if (!(error instanceof WriteConflict)) throw error;
        }
      }
    },
  };
}
