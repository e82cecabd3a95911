import { nextOpening, parseQuartz } from '../../kernel/schedule/quartz.ts';
import { parseTimeZone } from '../../kernel/schedule/time-zone.ts';
import type { Progress, RuleJob, RuleProvider } from '../../services/codepipeline/provider.ts';

const CRON = 'is no cron expression of the form "seconds minutes hours day-of-month month day-of-week [year]", one of both days being ?';
const ZONE = 'is no time zone such as Europe/Berlin, UTC, UTC+05:30 or PST';

const settings = {
  Cron: {
    required: true,
    type: 'String',
    description: 'When the window is open, as a cron expression of Quartz: the minutes that it names.',
    problem: (text: string) => (parseQuartz(text) ? undefined : CRON),
  },
  TimeZone: {
    required: false,
    type: 'String',
    description: 'The time zone of the expression; UTC where it is not set.',
    problem: (text: string) => (parseTimeZone(text) ? undefined : ZONE),
  },
} as const;

/** AWS names no time-out of its own for this rule; a week lets every weekly window open. */
const TIMEOUT_MINUTES = 7 * 24 * 60;

function failed(reason: 'ConfigurationError' | 'JobFailed', message: string): Progress {
  return { kind: 'failed', reason, message };
}

function look({ id, configuration, deadline }: RuleJob, now: number): Progress {
  const { Cron = '', TimeZone = 'UTC' } = configuration;
  const cron = parseQuartz(Cron);
  const zone = parseTimeZone(TimeZone);
  if (!cron) return failed('ConfigurationError', `'${Cron}' ${CRON}.`);
  if (!zone) return failed('ConfigurationError', `'${TimeZone}' ${ZONE}.`);
  const opens = nextOpening(cron, zone, now, deadline);
  const window = `The deployment window '${Cron}' (${TimeZone})`;
  if (opens === now) return { kind: 'succeeded', variables: {}, summary: `${window} is open.` };
  if (opens === undefined) return failed('JobFailed', `${window} is closed, and does not open before the rule times out.`);
  const summary = `${window} is closed. It opens at ${new Date(opens).toISOString()}.`;
  return { kind: 'running', ref: { id }, wakeOn: [], wakeAt: opens, summary };
}

/**
 * Outside the window it waits until that opens, and holds then: so AWS's page on the rule speaks of it ("After the deployment window
 * opens", beside alarms). https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-DeploymentWindow.html
 */
export const deploymentWindow: RuleProvider = {
  type: { category: 'Rule', owner: 'AWS', provider: 'DeploymentWindow', version: '1' },
  settings,
  artifacts: { inputs: { min: 0, max: 0 }, outputs: { min: 0, max: 0 } },
  timeoutMinutes: TIMEOUT_MINUTES,
  start: async (job, { clock }) => look(job, clock.now()),
  poll: async (job, _ref, { clock }) => look(job, clock.now()),
  stop: async () => {},
};
