import type { PipelineDeclaration, RuleExecutionDetail } from '../api.gen.ts';
import { conditionOf } from './conditions.ts';
import type { ConditionType, Execution, RuleRun } from './state.ts';

interface Of {
  readonly stage: string;
  readonly condition: ConditionType;
  readonly execution: Execution;
  readonly declaration: PipelineDeclaration;
}

/** A rule's run as ListRuleExecutions shows it. */
export function ruleDetail(run: RuleRun, { stage, condition, execution, declaration }: Of): RuleExecutionDetail {
  const declared = declaration.stages.find(({ name }) => name === stage);
  const rule = declared && conditionOf(declared, condition)?.rules?.find(({ name }) => name === run.rule);
  const summary = run.error?.message ?? run.summary;
  return {
    pipelineExecutionId: execution.id,
    ruleExecutionId: run.id,
    pipelineVersion: execution.version,
    stageName: stage,
    ruleName: run.rule,
    startTime: run.startedAt,
    lastUpdateTime: run.changedAt,
    status: run.status,
    input: {
      ...(rule && { ruleTypeId: rule.ruleTypeId, configuration: rule.configuration ?? {} }),
      ...(rule?.region !== undefined && { region: rule.region }),
      ...(rule?.roleArn !== undefined && { roleArn: rule.roleArn }),
      resolvedConfiguration: run.configuration,
      inputArtifacts: run.inputs.map(({ name, bucket, key }) => ({ name, s3location: { bucket, key } })),
    },
    output: {
      executionResult: {
        ...(run.ref && { externalExecutionId: run.ref.id, externalExecutionUrl: run.ref.url }),
        ...(summary !== undefined && { externalExecutionSummary: summary }),
        ...(run.error && { errorDetails: run.error }),
      },
    },
  };
}
