import type { Condition, RuleDeclaration, StageDeclaration } from '../api.gen.ts';
import type { PipelineEvent } from './events.ts';
import type { Situation } from './situation.ts';
import type { ConditionType, RuleRun } from './state.ts';
import { resolve } from './variables.ts';

/** AWS's default of a rule that says nothing, minutes. */
const DEFAULT_MINUTES = 60;

/** The one condition a stage may have of each type. */
export function conditionOf(stage: StageDeclaration, type: ConditionType): Condition | undefined {
  switch (type) {
    case 'BEFORE_ENTRY':
      return stage.beforeEntry?.conditions[0];
    case 'ON_SUCCESS':
      return stage.onSuccess?.conditions[0];
    case 'ON_FAILURE':
      return stage.onFailure?.conditions?.[0];
  }
}

/** Whether nothing of that type holds the execution: no condition, one that holds, or one that somebody has overridden. */
export function isPassed({ stage, execution }: Situation, type: ConditionType): boolean {
  const status = execution.passage.conditions[type]?.status;
  return !conditionOf(stage, type)?.rules?.length || status === 'Succeeded' || status === 'Overridden';
}

/**
 * The next step of evaluating a condition: start its rules, wait for them, or end it. All of them must hold, so the first that
 * does not decides. Undefined once it has failed: then the condition's result engages.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works-conditions.html
 */
export function evaluate(now: Situation, type: ConditionType): readonly PipelineEvent[] | undefined {
  const run = now.execution.passage.conditions[type];
  if (!run) return start(now, type);
  if (run.status !== 'InProgress') return undefined;
  const rules = Object.values(run.rules);
  const ended = { type: 'conditionEnded', ...now.place, condition: type } as const;
  const failed = rules.find((rule) => rule.status === 'Failed');
  if (failed) {
    const errored = failed.error !== undefined && failed.error.code !== 'JobFailed';
    const summary = `The rule '${failed.rule}' ${errored ? 'could not be evaluated' : 'does not hold'}: ${failed.error?.message ?? ''}`;
    return [{ ...ended, status: errored ? 'Errored' : 'Failed', summary }];
  }
  return rules.every((rule) => rule.status === 'Succeeded') ? [{ ...ended, status: 'Succeeded' }] : [];
}

function start(now: Situation, type: ConditionType): readonly PipelineEvent[] {
  const { place } = now;
  const begun = (conditionOf(now.stage, type)?.rules ?? []).map((rule) => ruleRun(now, rule));
  const started: PipelineEvent = { type: 'conditionStarted', ...place, condition: type, rules: begun.map(({ run }) => run) };
  const unable = begun.flatMap(({ run, fault }) =>
    fault === undefined
      ? []
      : [
          {
            type: 'ruleEnded',
            ...place,
            condition: type,
            rule: run.rule,
            status: 'Failed',
            error: { code: 'ConfigurationError', message: fault },
          } as const,
        ],
  );
  return [started, ...unable];
}

function ruleRun(now: Situation, rule: RuleDeclaration): { readonly run: RuleRun; readonly fault: string | undefined } {
  const { state, execution, step, catalogues } = now;
  const resolved = resolve(rule, execution);
  const missing = (rule.inputArtifacts ?? []).find(({ name }) => !execution.artifacts[name]);
  const minutes = rule.timeoutInMinutes ?? catalogues.rules.find(rule.ruleTypeId, state)?.timeoutMinutes ?? DEFAULT_MINUTES;
  const run: RuleRun = {
    id: step.id(),
    rule: rule.name,
    executionId: execution.id,
    status: 'InProgress',
    startedAt: step.now,
    changedAt: step.now,
    deadline: step.now + minutes * 60_000,
    configuration: resolved.ok ? resolved.configuration : (rule.configuration ?? {}),
    inputs: (rule.inputArtifacts ?? []).flatMap(({ name }) => execution.artifacts[name] ?? []),
    ...(resolved.ok && resolved.commands && { commands: resolved.commands }),
  };
  if (!resolved.ok) return { run, fault: `The variable reference ${resolved.reference} cannot be resolved.` };
  return { run, fault: missing && `The input artifact ${missing.name} was not produced by this execution.` };
}
