import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { PipewrightError } from '../../../kernel/errors.ts';
import { errors, type Api, type Parameter, type ParameterHistory } from '../api.gen.ts';
import { nextPage, readAttached } from '../listing.ts';
import { compileFilters } from '../rules/filters.ts';
import { checkPath, liesBelow } from '../rules/names.ts';
import { sql, type LabelRow, type VersionRow } from '../tables.ts';
import { dataOf, parameterView, requireNewest, requireReference, valueOf, type SsmTools } from '../tools.ts';

type Operations = Pick<Api, 'getParameter' | 'getParameters' | 'getParametersByPath' | 'getParameterHistory'>;

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html */
const MOST_BY_PATH = 10;
const MOST_HISTORY = 50;
const PATH_KEYS = ['Type', 'KeyId', 'Label'];

export const invalidToken = () => errors.InvalidNextToken('The specified token is not valid.');

const isMissing = (error: unknown): boolean =>
  error instanceof PipewrightError && (error.code === 'ParameterNotFound' || error.code === 'ParameterVersionNotFound');

function historyView(tools: SsmTools, row: VersionRow, labels: readonly LabelRow[], decrypt: boolean | undefined): ParameterHistory {
  const { tier, dataType, description, keyId, allowedPattern, user } = dataOf(row);
  return {
    Name: row.name,
    Type: row.type,
    ...(keyId !== undefined && { KeyId: keyId }),
    LastModifiedDate: row.modified,
    LastModifiedUser: user,
    ...(description !== undefined && { Description: description }),
    Value: valueOf(tools, row, decrypt),
    ...(allowedPattern !== undefined && { AllowedPattern: allowedPattern }),
    Version: row.version,
    Labels: labels.filter(({ version }) => version === row.version).map(({ label }) => label),
    Tier: tier,
    Policies: [],
    DataType: dataType,
  };
}

function oneByOne(tools: SsmTools): Pick<Operations, 'getParameter' | 'getParameters'> {
  return {
    async getParameter({ Name, WithDecryption }, ctx) {
      const { row, selector } = await requireReference(tools, ctx, Name);
      return { Parameter: { ...parameterView(tools, ctx, row, WithDecryption), ...(selector !== undefined && { Selector: selector }) } };
    },

    async getParameters({ Names, WithDecryption }, ctx) {
      if (new Set(Names).size < Names.length) throw errors.ValidationException('Duplicate parameter names in the request.');
      const found: Parameter[] = [];
      const InvalidParameters: string[] = [];
      for (const name of Names) {
        try {
          const { row, selector } = await requireReference(tools, ctx, name);
          found.push({ ...parameterView(tools, ctx, row, WithDecryption), ...(selector !== undefined && { Selector: selector }) });
        } catch (error) {
          if (!isMissing(error)) throw error;
          InvalidParameters.push(name);
        }
      }
      return { Parameters: found, InvalidParameters };
    },
  };
}

export function getOperations(tools: SsmTools): Operations {
  return {
    ...oneByOne(tools),

    async getParametersByPath({ Path, Recursive = false, ParameterFilters, WithDecryption, MaxResults = MOST_BY_PATH, NextToken }, ctx) {
      const path = checkPath(Path);
      const fits = compileFilters(ParameterFilters, PATH_KEYS);
      const scope = `ssm:path:${path}:${Recursive}`;
      const after = String(decodePageToken(scope, NextToken, invalidToken) ?? '');
      const attached = await readAttached(
        tools,
        ctx,
        (ParameterFilters ?? []).map(({ Key }) => Key),
      );
      const page = await nextPage(tools, ctx, {
        after,
        limit: MaxResults,
        attached,
        fits: (parameter) => liesBelow(parameter.name, path, Recursive) && fits(parameter),
        // Names without any slash lie at the root too.
        prefix: path === '/' ? '' : path,
      });
      const Parameters = page.rows.map((row) => parameterView(tools, ctx, row, WithDecryption));
      return { Parameters, ...(page.after !== undefined && { NextToken: encodePageToken(scope, page.after) }) };
    },

    async getParameterHistory({ Name, WithDecryption, MaxResults = MOST_HISTORY, NextToken }, ctx) {
      const { account, region } = ctx;
      const { name } = await requireNewest(tools, ctx, Name);
      const scope = `ssm:history:${name}`;
      const after = Number(decodePageToken(scope, NextToken, invalidToken) ?? 0);
      const rows = await tools.db.all<VersionRow>(sql.versionsAfter, account, region, name, after, MaxResults + 1);
      const labels = await tools.db.all<LabelRow>(sql.labels, account, region, name);
      const page = rows.slice(0, MaxResults);
      const Parameters = page.map((row) => historyView(tools, row, labels, WithDecryption));
      return { Parameters, ...(rows.length > MaxResults && { NextToken: encodePageToken(scope, page.at(-1)!.version) }) };
    },
  };
}
