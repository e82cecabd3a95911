import { write } from '../../../ports/database.ts';
import { PipewrightError } from '../../../kernel/errors.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api, type GetSecretValueRequest, type SecretValueEntry } from '../api.gen.ts';
import { listed } from '../listing.ts';
import { CURRENT, stagesOf } from '../rules/stages.ts';
import { sql, type SecretRow, type VersionRow } from '../tables.ts';
import { readStages, requireLive, type SecretsTools } from '../tools.ts';
import { givenValue, openValue } from '../values.ts';
import { addVersion } from '../versions.ts';
import { invalidToken } from './list-secrets.ts';

type Operations = Pick<Api, 'getSecretValue' | 'putSecretValue' | 'batchGetSecretValue'>;

const MOST_IN_BATCH = 20;
const DAY_MS = 86_400_000;

const noValue = (what: string) => errors.ResourceNotFoundException(`Secrets Manager can't find the specified secret value for ${what}`);

/** The version asked for, with its labels: by id, by label, or the current one. */
async function chosen(
  tools: SecretsTools,
  row: SecretRow,
  { VersionId: id, VersionStage: stage }: Omit<GetSecretValueRequest, 'SecretId'>,
) {
  const stages = await readStages(tools, row.arn);
  const wanted = id ?? stages.get(stage ?? CURRENT);
  const version = wanted === undefined ? undefined : await tools.db.get<VersionRow>(sql.version, row.arn, wanted);
  if (!version) throw noValue(id === undefined ? `staging label: ${stage ?? CURRENT}` : `VersionId: ${id}`);
  if (id !== undefined && stage !== undefined && stages.get(stage) !== id)
    throw errors.InvalidRequestException('You provided a VersionStage that is not associated to the provided VersionId.');
  return { version, stages: stagesOf(stages, version.id) };
}

/** AWS remembers the day alone: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html */
async function remember({ commits, clock }: SecretsTools, row: SecretRow): Promise<void> {
  const today = Math.floor(clock.now() / DAY_MS) * DAY_MS;
  if (row.accessed !== today) await commits.commit([write(sql.access, [today, row.arn])]);
}

async function read(tools: SecretsTools, ctx: CallContext, request: GetSecretValueRequest): Promise<SecretValueEntry> {
  const row = await requireLive(tools, ctx, request.SecretId);
  const { version, stages } = await chosen(tools, row, request);
  await remember(tools, row);
  return {
    ARN: row.arn,
    Name: row.name,
    VersionId: version.id,
    ...openValue(tools.secrets, version.value),
    VersionStages: stages,
    CreatedDate: version.created,
  };
}

function batch(tools: SecretsTools): Pick<Operations, 'batchGetSecretValue'> {
  return {
    async batchGetSecretValue({ SecretIdList, Filters, MaxResults = MOST_IN_BATCH, NextToken }, ctx) {
      if ((SecretIdList === undefined) === (Filters === undefined))
        throw errors.InvalidParameterException('Either SecretIdList or Filters must be provided, but not both.');
      const ids = SecretIdList ?? (await listed(tools, ctx, { filters: Filters, planned: false })).map(({ row }) => row.arn);
      const from = SecretIdList ? 0 : Number(decodePageToken('secretsmanager:batch', NextToken, invalidToken) ?? 0);
      const page = SecretIdList ? ids : ids.slice(from, from + MaxResults);
      const SecretValues: SecretValueEntry[] = [];
      const Errors: { SecretId: string; ErrorCode: string; Message: string }[] = [];
      for (const SecretId of page) {
        try {
          SecretValues.push(await read(tools, ctx, { SecretId }));
        } catch (error) {
          if (!(error instanceof PipewrightError)) throw error;
          Errors.push({ SecretId, ErrorCode: error.code, Message: error.message });
        }
      }
      const more = from + page.length < ids.length;
      return { SecretValues, Errors, ...(more && { NextToken: encodePageToken('secretsmanager:batch', from + page.length) }) };
    },
  };
}

export function valueOperations(tools: SecretsTools): Operations {
  return {
    getSecretValue: (input, ctx) => read(tools, ctx, input),

    async putSecretValue(input, ctx) {
      const value = givenValue(input);
      if (!value) throw errors.InvalidRequestException('You must provide either SecretString or SecretBinary.');
      const id = input.ClientRequestToken ?? tools.ids.uuid();
      const { row, stages } = await addVersion(tools, ctx, input.SecretId, { id, value, stages: input.VersionStages ?? [CURRENT] });
      return { ARN: row.arn, Name: row.name, VersionId: id, VersionStages: stages };
    },

    ...batch(tools),
  };
}
