import type { Git } from '../../ports/git.ts';
import type { ActionJob, ActionProvider, ActionTools, Progress, Variables } from '../../services/codepipeline/provider.ts';
import { errorCode } from '../error-code.ts';
import { remoteChanges } from '../git-changes.ts';
import { putSourceArtifact } from '../source-artifact.ts';

const settings = {
  Url: { required: true, type: 'String', description: 'The https, http or ssh URL of the repository.' },
  BranchName: { required: true, type: 'String', description: 'The branch whose tip is taken.' },
  PollForSourceChanges: {
    required: false,
    type: 'Boolean',
    description: 'Whether the pipeline asks the repository once a minute; true where it is not set.',
    values: ['true', 'false'],
  },
} as const;

async function tip(git: Git, { Url = '', BranchName = '' }: Variables, { signal }: ActionTools): Promise<string | undefined> {
  return (await git.lsRemote(Url, { signal })).get(`refs/heads/${BranchName}`);
}

async function take(git: Git, job: ActionJob, tools: ActionTools): Promise<Progress> {
  const { Url = '', BranchName = '' } = job.configuration;
  const commitId = job.revision ?? (await tip(git, job.configuration, tools));
  if (commitId === undefined) {
    return { kind: 'failed', reason: 'ConfigurationError', message: `The repository ${Url} has no branch ${BranchName}.` };
  }
  const { repository, commit } = await git.fetchRemote(Url, commitId, { signal: tools.signal });
  await putSourceArtifact(job, tools, git.archive(repository, commit, 'zip', tools.signal), commitId);
  const details = await git.commit(repository, commit);
  const summary = details?.message.trimEnd() ?? '';
  const at = details && { at: details.committer.seconds * 1000 };
  const variables = { BranchName, CommitId: commitId, CommitMessage: summary, AuthorName: details?.author.name ?? '' };
  return { kind: 'succeeded', variables, summary, revision: { revisionId: commitId, summary, ...at }, ref: { id: commitId } };
}

/** Beyond AWS: any git repository that can be reached by URL, asked once a minute. */
export function gitSource(git: Git): ActionProvider {
  const start = async (job: ActionJob, tools: ActionTools): Promise<Progress> => {
    try {
      return await take(git, job, tools);
    } catch (error) {
      if (errorCode(error) !== 'RemoteFailed') throw error;
      return { kind: 'failed', reason: 'RevisionUnavailable', message: (error as Error).message };
    }
  };
  return {
    type: { category: 'Source', owner: 'Custom', provider: 'Git', version: '1' },
    settings,
    artifacts: { inputs: { min: 0, max: 0 }, outputs: { min: 1, max: 1 } },
    timeoutMinutes: 60,
    start,
    poll: (job, _ref, tools) => start(job, tools),
    async stop() {},
    async latest(configuration, tools) {
      const revisionId = await tip(git, configuration, tools);
      return revisionId === undefined ? undefined : { revisionId };
    },
    changes: ({ Url = '' }, from, to, { signal }) => remoteChanges(git, { url: Url, from, to, signal }),
  };
}
