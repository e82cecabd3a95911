import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type DescribeSecretResponse, type ListSecretsRequest, type SecretVersionsListEntry } from '../api.gen.ts';
import { listed, type Listed } from '../listing.ts';
import { stagesOf, type Stages } from '../rules/stages.ts';
import { sql, type TagRow, type VersionRow } from '../tables.ts';
import { readStages, requireSecret, type SecretsTools } from '../tools.ts';

type Operations = Pick<Api, 'describeSecret' | 'listSecrets' | 'listSecretVersionIds'>;

const MOST_IN_PAGE = 100;

export const invalidToken = () => errors.InvalidNextTokenException('The provided NextToken is not valid.');

function byVersion(stages: Stages): Record<string, readonly string[]> {
  return Object.fromEntries([...new Set(stages.values())].map((version) => [version, stagesOf(stages, version)]));
}

function facts({ row, tags }: Listed): Omit<DescribeSecretResponse, 'VersionIdsToStages'> {
  return {
    ARN: row.arn,
    Name: row.name,
    ...(row.description !== null && { Description: row.description }),
    ...(row.kms_key !== null && { KmsKeyId: row.kms_key }),
    ...(row.accessed !== null && { LastAccessedDate: row.accessed }),
    LastChangedDate: row.changed,
    ...(row.deleted !== null && { DeletedDate: row.deleted }),
    Tags: tags.map(({ name, value }) => ({ Key: name, Value: value })),
    CreatedDate: row.created,
  };
}

function sorted(found: readonly Listed[], { SortBy = 'created-date', SortOrder }: ListSecretsRequest): readonly Listed[] {
  const value = ({ row }: Listed): string | number => {
    if (SortBy === 'name') return row.name;
    if (SortBy === 'last-accessed-date') return row.accessed ?? 0;
    return SortBy === 'last-changed-date' ? row.changed : row.created;
  };
  // What was made last comes first, as AWS's console and CLI show it; names count upwards.
  const sign = (SortOrder ?? 'desc') === 'asc' ? 1 : -1;
  return found.toSorted((a, b) => {
    const [x, y] = [value(a), value(b)];
    return x === y ? (a.row.arn < b.row.arn ? -1 : 1) : (x < y ? -1 : 1) * sign;
  });
}

export function listOperations(tools: SecretsTools): Operations {
  const { db } = tools;
  return {
    async describeSecret({ SecretId }, ctx) {
      const row = await requireSecret(tools, ctx, SecretId);
      const tags = await db.all<TagRow>(sql.tags, row.arn);
      return { ...facts({ row, tags }), VersionIdsToStages: byVersion(await readStages(tools, row.arn)) };
    },

    async listSecrets(input, ctx) {
      const { Filters, IncludePlannedDeletion = false, MaxResults = MOST_IN_PAGE, NextToken } = input;
      const scope = `secretsmanager:list:${JSON.stringify([Filters, IncludePlannedDeletion, input.SortBy, input.SortOrder])}`;
      const from = Number(decodePageToken(scope, NextToken, invalidToken) ?? 0);
      const found = sorted(await listed(tools, ctx, { filters: Filters, planned: IncludePlannedDeletion }), input);
      const page = found.slice(from, from + MaxResults);
      const SecretList = await Promise.all(
        page.map(async (item) => ({ ...facts(item), SecretVersionsToStages: byVersion(await readStages(tools, item.row.arn)) })),
      );
      const more = from + page.length < found.length;
      return { SecretList, ...(more && { NextToken: encodePageToken(scope, from + page.length) }) };
    },

    async listSecretVersionIds({ SecretId, IncludeDeprecated = false, MaxResults = MOST_IN_PAGE, NextToken }, ctx) {
      const row = await requireSecret(tools, ctx, SecretId);
      const stages = await readStages(tools, row.arn);
      const scope = `secretsmanager:versions:${row.arn}:${IncludeDeprecated}`;
      const from = Number(decodePageToken(scope, NextToken, invalidToken) ?? 0);
      const all = (await db.all<VersionRow>(sql.versions, row.arn)).map(({ id, created }): SecretVersionsListEntry => {
        const VersionStages = stagesOf(stages, id);
        return { VersionId: id, ...(VersionStages.length > 0 && { VersionStages }), CreatedDate: created };
      });
      const shown = all.filter(({ VersionStages }) => IncludeDeprecated || VersionStages);
      const Versions = shown.slice(from, from + MaxResults);
      const more = from + Versions.length < shown.length;
      return { Versions, ARN: row.arn, Name: row.name, ...(more && { NextToken: encodePageToken(scope, from + Versions.length) }) };
    },
  };
}
