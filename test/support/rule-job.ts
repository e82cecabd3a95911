import { ManualClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { ActionTools, Progress, RuleJob, RuleProvider } from '../../src/services/codepipeline/provider.ts';

/** A rule of the entry condition of the stage Ship, with an hour to go. */
export function ruleJob(configuration: RuleJob['configuration'], startedAt: number, minutes = 60): RuleJob {
  return {
    id: 'run-1',
    account: '000000000000',
    region: 'us-east-1',
    pipeline: { name: 'site', version: 1, arn: 'arn:aws:codepipeline:us-east-1:000000000000:site' },
    executionId: 'execution-1',
    stage: 'Ship',
    rule: 'Check',
    condition: 'BEFORE_ENTRY',
    role: undefined,
    configuration,
    inputs: [],
    startedAt,
    deadline: startedAt + minutes * 60_000,
  };
}

/** For rules that call no service: one that does fails. */
export function ruleTools(now: number): ActionTools {
  const aws = new Proxy({}, { get: (_, name) => fail(String(name)) }) as ActionTools['aws'];
  return { aws, clock: new ManualClock(now), log: silentLogger, signal: new AbortController().signal };
}

/** What a rule says at a time: `start` where it has just begun, else `poll`. */
export function ask(rule: RuleProvider, job: RuleJob, now: number): Promise<Progress> {
  const tools = ruleTools(now);
  return now === job.startedAt ? rule.start(job, tools) : rule.poll(job, { id: job.id }, tools);
}

function fail(name: string): never {
  throw new Error(`the rule called ${name}`);
}
