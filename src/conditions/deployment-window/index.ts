import { look, parseWindow } from '../../kernel/schedule/window.ts';
import type { ActionTools, Progress, RuleJob, RuleProvider } from '../../services/codepipeline/provider.ts';

const settings = {
  Cron: {
    required: true,
    type: 'String',
    description: 'When deployments are allowed, to the minute: * minutes hours day-of-month month day-of-week [year], as Quartz writes it.',
  },
  TimeZone: { required: false, type: 'String', description: 'The time zone, such as Europe/Berlin; UTC where not given.' },
} as const;

/** Holds inside the window. Outside it waits for the window to open, as long as the rule's time-out lets it. */
function check(job: RuleJob, { clock }: ActionTools): Progress {
  const { Cron = '', TimeZone = 'UTC' } = job.configuration;
  const window = parseWindow(Cron, TimeZone);
  const said = `'${Cron}' (${TimeZone})`;
  if (!window) return { kind: 'failed', reason: 'ConfigurationError', message: `${said} is no deployment window.` };
  const { open, lookAgainAt } = look(window, clock.now());
  if (open) return { kind: 'succeeded', variables: {}, summary: `The deployment window ${said} is open.` };
  if (lookAgainAt === undefined)
    return { kind: 'failed', reason: 'JobFailed', message: `The deployment window ${said} never opens again.` };
  return { kind: 'running', ref: { id: job.id }, wakeOn: [], wakeAt: lookAgainAt, summary: `Waiting for the deployment window ${said}.` };
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-DeploymentWindow.html */
export const deploymentWindow: RuleProvider = {
  type: { category: 'Rule', owner: 'AWS', provider: 'DeploymentWindow', version: '1' },
  settings,
  artifacts: { inputs: { min: 0, max: 0 }, outputs: { min: 0, max: 0 } },
  timeoutMinutes: 7 * 24 * 60,
  start: async (job, tools) => check(job, tools),
  poll: async (job, _ref, tools) => check(job, tools),
  stop: async () => {},
};
