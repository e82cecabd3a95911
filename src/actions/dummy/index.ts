import type { ActionJob, ActionProvider, ActionTypeId, Progress, Variables } from '../../services/codepipeline/provider.ts';

const settings = {
  Result: {
    required: false,
    type: 'String',
    description: 'How the action ends; Errored throws.',
    values: ['Succeeded', 'Failed', 'Errored'],
  },
  Seconds: { required: false, type: 'Number', description: 'How long it takes; 0 ends it at once.' },
  Message: { required: false, type: 'String', description: 'The summary, or the message of the failure.' },
  Variables: { required: false, type: 'String', description: 'Output variables, as a JSON object of strings.' },
  Revision: { required: false, type: 'String', description: 'Sources: the revision id; a source without one has no revision yet.' },
  FailAttempts: { required: false, type: 'Number', description: 'How many executions of this action fail before one succeeds.' },
} as const;

const sourceSettings = {
  ...settings,
  PollForSourceChanges: { required: false, type: 'Boolean', description: 'false: nobody asks the source for a newer revision.' },
} as const;

function variables({ configuration }: ActionJob): Variables {
  return configuration.Variables === undefined ? {} : (JSON.parse(configuration.Variables) as Variables);
}

function outcome(job: ActionJob, type: ActionTypeId, failures: Map<string, Set<string>>): Progress {
  const { Result = 'Succeeded', Message: summary = 'dummy', Revision, FailAttempts = '0' } = job.configuration;
  if (Result === 'Errored') throw new Error(summary);
  const place = `${job.pipeline.arn}/${job.stage}/${job.action}`;
  // By job id: asked twice, the same job fails once.
  const failed = failures.get(place) ?? new Set();
  if (Result === 'Failed' || failed.has(job.id) || failed.size < Number(FailAttempts)) {
    if (FailAttempts !== '0') failures.set(place, failed.add(job.id));
    return { kind: 'failed', reason: 'JobFailed', message: summary };
  }
  const revisionId = job.revision ?? Revision ?? 'r1';
  return {
    kind: 'succeeded',
    variables: variables(job),
    summary,
    ...(type.category === 'Source' && { revision: { revisionId, summary } }),
  };
}

/** Does what its configuration says, and nothing else: for scenarios, benches, and trying a pipeline's shape out. */
function dummy(category: ActionTypeId['category']): ActionProvider {
  const type: ActionTypeId = { category, owner: 'Custom', provider: 'Dummy', version: '1' };
  const isSource = category === 'Source';
  const failures = new Map<string, Set<string>>();
  const begun = new Map<string, number>();
  const look = async (job: ActionJob, now: number): Promise<Progress> => {
    const start = begun.get(job.id) ?? now;
    const end = start + Math.round(Number(job.configuration.Seconds ?? '0') * 1000);
    begun.set(job.id, start);
    if (end > now) return { kind: 'running', ref: { id: `dummy-${start}` }, wakeOn: [], wakeAt: end };
    begun.delete(job.id);
    return outcome(job, type, failures);
  };
  return {
    type,
    settings: isSource ? sourceSettings : settings,
    artifacts: { inputs: { min: 0, max: isSource ? 0 : 5 }, outputs: { min: 0, max: 5 } },
    timeoutMinutes: 60,
    start: (job, { clock }) => look(job, clock.now()),
    // After a restart the reference still says when the run began.
    async poll(job, ref, { clock }) {
      begun.set(job.id, Number(ref.id.slice('dummy-'.length)));
      return look(job, clock.now());
    },
    async stop(job) {
      begun.delete(job.id);
    },
    ...(isSource && {
      revisionTypes: ['COMMIT_ID', 'IMAGE_DIGEST', 'S3_OBJECT_VERSION_ID', 'S3_OBJECT_KEY'] as const,
      latest: async ({ Revision }: Variables) => (Revision === undefined ? undefined : { revisionId: Revision }),
    }),
  };
}

export function dummyProviders(): readonly ActionProvider[] {
  return (['Source', 'Build', 'Test', 'Deploy', 'Invoke'] as const).map(dummy);
}
