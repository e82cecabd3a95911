import { formatArn, parseArn } from '../../../kernel/arn.ts';
import { WriteConflict, write } from '../../../ports/database.ts';
import type { SecretBox } from '../../../ports/secrets.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api, type ServerType } from '../api.gen.ts';
import { isReference, validateImport } from '../rules/source-credentials.ts';
import { sourceCredentialSql as sql, type SourceCredentialsRow } from '../source-credentials/tables.ts';
import type { OperationTools } from './tools.ts';

type Operations = Pick<Api, 'importSourceCredentials' | 'listSourceCredentials' | 'deleteSourceCredentials'>;

/** `arn:aws:codebuild:REGION:ACCOUNT:token/github`: one for each kind of server. */
function arnOf({ account, region }: Pick<CallContext, 'account' | 'region'>, server: ServerType): string {
  return formatArn('codebuild', region, account, `token/${server.toLowerCase()}`);
}

export function sourceCredentialOperations(tools: OperationTools & { readonly secrets: SecretBox }): Operations {
  const { db, commits, secrets } = tools;
  return {
    async importSourceCredentials(input, ctx) {
      validateImport(input);
      const { serverType, authType, username, token, shouldOverwrite = true } = input;
      const kept = isReference(authType) ? [null, token] : [secrets.seal(token), null];
      const arn = arnOf(ctx, serverType);
      const params = [ctx.account, ctx.region, serverType, authType, username ?? null, ...kept];
      try {
        await commits.commit([write(shouldOverwrite ? sql.put : sql.insert, params)]);
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error;
        throw errors.ResourceAlreadyExistsException(`Access token already exists: ${arn}`);
      }
      return { arn };
    },

    async listSourceCredentials(_, ctx) {
      const rows = await db.all<SourceCredentialsRow>(sql.all, ctx.account, ctx.region);
      return {
        sourceCredentialsInfos: rows.map(({ server, auth, resource }) => ({
          arn: arnOf(ctx, server),
          serverType: server,
          authType: auth,
          ...(resource !== null && { resource }),
        })),
      };
    },

    async deleteSourceCredentials({ arn }, ctx) {
      const parts = parseArn(arn);
      if (parts?.service !== 'codebuild' || !parts.resource.startsWith('token/')) throw errors.InvalidInputException('Invalid token ARN');
      const server = parts.resource.slice('token/'.length).toUpperCase();
      const missing = errors.ResourceNotFoundException(`Could not find access token for ARN ${arn}`);
      if (parts.account !== ctx.account || parts.region !== ctx.region) throw missing;
      try {
        await commits.commit([write(sql.delete, [ctx.account, ctx.region, server], { expect: 1 })]);
      } catch (error) {
        if (error instanceof WriteConflict) throw missing;
        throw error;
      }
      return { arn };
    },
  };
}
