import type { Progress, RuleJob, RuleProvider } from '../../services/codepipeline/provider.ts';

const settings = {
  Result: {
    required: false,
    type: 'String',
    description: 'How the rule ends; Errored throws.',
    values: ['Succeeded', 'Failed', 'Errored'],
  },
  Seconds: { required: false, type: 'Number', description: 'How long it takes; 0 ends it at once.' },
  Message: { required: false, type: 'String', description: 'The summary, or the message of the failure.' },
} as const;

function look({ configuration, startedAt }: RuleJob, now: number): Progress {
  const { Result = 'Succeeded', Seconds = '0', Message = 'dummy' } = configuration;
  const end = startedAt + Math.round(Number(Seconds) * 1000);
  if (end > now) return { kind: 'running', ref: { id: `dummy-${startedAt}` }, wakeOn: [], wakeAt: end };
  if (Result === 'Errored') throw new Error(Message);
  return Result === 'Failed'
    ? { kind: 'failed', reason: 'JobFailed', message: Message }
    : { kind: 'succeeded', variables: {}, summary: Message };
}

/** Does what its configuration says, and nothing else: for scenarios and for trying a pipeline's shape out. */
export function dummyRule(): RuleProvider {
  return {
    type: { category: 'Rule', owner: 'AWS', provider: 'Dummy', version: '1' },
    settings,
    artifacts: { inputs: { min: 0, max: 5 }, outputs: { min: 0, max: 0 } },
    timeoutMinutes: 60,
    start: async (job, { clock }) => look(job, clock.now()),
    poll: async (job, _ref, { clock }) => look(job, clock.now()),
    stop: async () => {},
  };
}
