import { errors, type Condition, type PipelineDeclaration, type Result, type RuleDeclaration, type StageDeclaration } from '../api.gen.ts';
import type { Catalogue, Place } from './catalogue.ts';
import { conditionOf } from './conditions.ts';
import type { ConditionType } from './state.ts';
import { validateCommands } from './validate-commands.ts';
import { validateConfiguration } from './validate-configuration.ts';

const structure = (message: string) => errors.InvalidStructureException(message);

/** Which result fits which condition: https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html */
const RESULTS: Readonly<Record<ConditionType, readonly Result[]>> = {
  BEFORE_ENTRY: ['FAIL', 'SKIP'],
  ON_SUCCESS: ['FAIL', 'ROLLBACK'],
  ON_FAILURE: ['ROLLBACK', 'FAIL'],
};
/** AWS skips a stage only for rules that answer at once. */
const SKIPPING = new Set(['LambdaInvoke', 'VariableCheck', 'Dummy']);
/** AWS's rules whose service is not here yet. */
const NEEDS: Readonly<Record<string, string>> = { LambdaInvoke: 'Lambda', CloudWatchAlarm: 'CloudWatch alarms' };

/** Execution mode, conditions and what a stage does when it fails: all of them parts of V2 pipelines. */
export function validateConditions(declaration: PipelineDeclaration, rules: Catalogue, place: Place): void {
  const { executionMode = 'SUPERSEDED', pipelineType = 'V1', stages } = declaration;
  if (executionMode !== 'SUPERSEDED' && pipelineType !== 'V2')
    throw structure(`Execution mode ${executionMode} is only available for pipelines of type V2`);
  for (const [index, stage] of stages.entries()) {
    if (!stage.beforeEntry && !stage.onSuccess && !stage.onFailure) continue;
    if (pipelineType !== 'V2') throw structure(`Conditions in stage '${stage.name}' are only available for pipelines of type V2`);
    if (index === 0 && stage.beforeEntry) throw structure(`The source stage '${stage.name}' cannot have an entry condition`);
    validateFailure(stage);
    if (results(stage).includes('ROLLBACK')) {
      if (index === 0) throw structure(`The source stage '${stage.name}' cannot be rolled back`);
      if (executionMode === 'PARALLEL') throw structure(`Stage '${stage.name}' cannot be rolled back in a pipeline in PARALLEL mode`);
    }
    for (const type of ['BEFORE_ENTRY', 'ON_SUCCESS', 'ON_FAILURE'] as const) {
      const condition = conditionOf(stage, type);
      if (condition) validateCondition({ stage, type, condition, rules, place });
    }
  }
}

function results(stage: StageDeclaration): readonly (Result | undefined)[] {
  return [stage.onFailure?.result, conditionOf(stage, 'ON_FAILURE')?.result, conditionOf(stage, 'ON_SUCCESS')?.result];
}

function validateFailure({ name, onFailure }: StageDeclaration): void {
  if (!onFailure) return;
  const { result, conditions = [], retryConfiguration } = onFailure;
  if (result !== undefined && result !== 'ROLLBACK' && result !== 'RETRY')
    throw structure(`Stage '${name}' has the result ${result} on failure. Valid values: ROLLBACK, RETRY`);
  if (retryConfiguration && result !== 'RETRY') throw structure(`Stage '${name}' has a retry configuration without the result RETRY`);
  if (result === 'RETRY' && conditions.length > 0)
    throw structure(`Stage '${name}' cannot have both an automatic retry and a failure condition`);
}

interface Checked {
  readonly stage: StageDeclaration;
  readonly type: ConditionType;
  readonly condition: Condition;
  readonly rules: Catalogue;
  readonly place: Place;
}

function validateCondition({ stage, type, condition, rules, place }: Checked): void {
  const where = `the ${type} condition of stage '${stage.name}'`;
  const { result, rules: declared = [] } = condition;
  if (declared.length === 0) throw structure(`There must be at least one rule in ${where}`);
  if (result === undefined || !RESULTS[type].includes(result))
    throw structure(`The result of ${where} is ${String(result)}. Valid values: ${RESULTS[type].join(', ')}`);
  const names = new Set<string>();
  for (const rule of declared) {
    if (names.has(rule.name)) throw structure(`Rule names must be unique. '${rule.name}' has been used more than once in ${where}`);
    names.add(rule.name);
    if (result === 'SKIP' && !SKIPPING.has(rule.ruleTypeId.provider))
      throw structure(`The rule '${rule.name}' in ${where} cannot skip the stage. Only LambdaInvoke and VariableCheck can`);
    validateRule(rule, where, rules, place);
  }
}

function validateRule(rule: RuleDeclaration, where: string, rules: Catalogue, place: Place): void {
  const { provider } = rule.ruleTypeId;
  const entry = rules.find(rule.ruleTypeId, place);
  if (!entry) {
    const service = NEEDS[provider];
    if (service)
      throw errors.ValidationException(`The rule '${rule.name}' in ${where} needs ${service}, which Pipewright does not have yet.`);
    throw structure(`The rule type (Provider: '${provider}') of the rule '${rule.name}' in ${where} does not exist`);
  }
  const inputs = rule.inputArtifacts?.length ?? 0;
  const { min, max } = entry.artifacts.inputs;
  const has = `The rule '${rule.name}' in ${where} has ${inputs} input artifacts. There`;
  if (inputs < min) throw structure(`${has} must be at least ${min}`);
  if (inputs > max) throw structure(`${has} can be at most ${max}`);
  validateCommands(rule, entry, `The rule '${rule.name}' in ${where}`, structure);
  validateConfiguration(rule.configuration ?? {}, entry, `Rule configuration for rule '${rule.name}'`, structure);
}
