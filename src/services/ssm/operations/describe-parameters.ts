import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type DescribeParametersRequest, type ParameterMetadata } from '../api.gen.ts';
import { nextPage, readAttached } from '../listing.ts';
import { compileFilters, compileOldFilters } from '../rules/filters.ts';
import type { VersionRow } from '../tables.ts';
import { dataOf, parameterArn, type Place, type SsmTools } from '../tools.ts';
import { invalidToken } from './get-parameters.ts';

const MOST_IN_PAGE = 50;
const KEYS = ['Name', 'Path', 'Type', 'KeyId', 'Label', 'Tier', 'DataType', 'tag'];

function metadata(place: Place, row: VersionRow): ParameterMetadata {
  const { tier, dataType, description, keyId, allowedPattern, user } = dataOf(row);
  return {
    Name: row.name,
    ARN: parameterArn(place, row.name),
    Type: row.type,
    ...(keyId !== undefined && { KeyId: keyId }),
    LastModifiedDate: row.modified,
    LastModifiedUser: user,
    ...(description !== undefined && { Description: description }),
    ...(allowedPattern !== undefined && { AllowedPattern: allowedPattern }),
    Version: row.version,
    Tier: tier,
    Policies: [],
    DataType: dataType,
  };
}

function filtersOf({ Filters = [], ParameterFilters = [] }: DescribeParametersRequest) {
  if (Filters.length > 0 && ParameterFilters.length > 0)
    throw errors.ValidationException('You can use either Filters or ParameterFilters in a single request.');
  return Filters.length > 0 ? compileOldFilters(Filters) : compileFilters(ParameterFilters, KEYS);
}

export function describeOperations(tools: SsmTools): Pick<Api, 'describeParameters'> {
  return {
    async describeParameters(input, ctx) {
      const { ParameterFilters = [], MaxResults: limit = MOST_IN_PAGE, NextToken, Shared } = input;
      const fits = filtersOf(input);
      // Nobody shares parameters with this account.
      if (Shared) return { Parameters: [] };
      const after = String(decodePageToken('ssm:describe', NextToken, invalidToken) ?? '');
      const attached = await readAttached(
        tools,
        ctx,
        ParameterFilters.map(({ Key }) => Key),
      );
      const page = await nextPage(tools, ctx, { after, limit, attached, fits });
      const Parameters = page.rows.map((row) => metadata(ctx, row));
      return { Parameters, ...(page.after !== undefined && { NextToken: encodePageToken('ssm:describe', page.after) }) };
    },
  };
}
