import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type RuleExecutionDetail, type RuleType } from '../api.gen.ts';
import type { RuleProvider } from '../provider.ts';
import { sql } from '../tables.ts';
import { keyOf, pipelineState, type OperationTools } from './tools.ts';

type Operations = Pick<Api, 'listRuleTypes' | 'listRuleExecutions' | 'overrideStageCondition'>;

/** Above every id: where a listing of the newest begins. */
const NEWEST = '~';

function ruleType({ type, settings, artifacts }: RuleProvider): RuleType {
  return {
    id: type,
    settings: {},
    ruleConfigurationProperties: Object.entries(settings).map(([name, property]) => ({
      name,
      required: property.required,
      key: true,
      secret: property.secret ?? false,
      queryable: false,
      description: property.description,
      type: property.type,
    })),
    inputArtifactDetails: { minimumCount: artifacts.inputs.min, maximumCount: artifacts.inputs.max },
  };
}

export function ruleOperations(tools: OperationTools): Operations {
  return {
    listRuleTypes: async () => ({ ruleTypes: tools.rules.all().map(ruleType) }),

    async listRuleExecutions({ pipelineName, filter, maxResults = 100, nextToken }, ctx) {
      await pipelineState(tools, ctx, pipelineName);
      const of = filter?.pipelineExecutionId ?? filter?.latestInPipelineExecution?.pipelineExecutionId;
      const scope = `rules/${pipelineName}/${of ?? ''}`;
      const invalid = () => errors.InvalidNextTokenException('The next token is not valid.');
      const before = String(decodePageToken(scope, nextToken, invalid) ?? NEWEST);
      const key = [ctx.account, ctx.region, pipelineName] as const;
      type Row = { id: string; data: string };
      const rows =
        of === undefined
          ? await tools.db.all<Row>(sql.rulesBefore, ...key, before, maxResults + 1)
          : await tools.db.all<Row>(sql.rulesOfExecution, ...key, of, before, maxResults + 1);
      const page = rows.slice(0, maxResults);
      const more = rows.length > maxResults && { nextToken: encodePageToken(scope, page.at(-1)!.id) };
      return { ruleExecutionDetails: page.map((row) => JSON.parse(row.data) as RuleExecutionDetail), ...more };
    },

    async overrideStageCondition({ pipelineName, stageName: stage, pipelineExecutionId: executionId, conditionType: condition }, ctx) {
      await pipelineState(tools, ctx, pipelineName);
      await tools.pipelines.send(keyOf(ctx, pipelineName), { type: 'override', stage, executionId, condition, by: ctx.principal.arn });
    },
  };
}
