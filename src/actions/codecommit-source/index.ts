import { formatArn } from '../../kernel/arn.ts';
import type { Git } from '../../ports/git.ts';
import type {
  ActionJob,
  ActionProvider,
  ActionTools,
  Progress,
  RevisionSeen,
  SourceRevision,
  Variables,
} from '../../services/codepipeline/provider.ts';
import { cloneReference } from '../clone-reference.ts';
import { errorCode } from '../error-code.ts';
import { gitChanges } from '../git-changes.ts';
import { putSourceArtifact } from '../source-artifact.ts';

const settings = {
  RepositoryName: { required: true, type: 'String', description: 'The repository whose changes are watched.' },
  BranchName: { required: true, type: 'String', description: 'The branch whose tip is taken.' },
  PollForSourceChanges: {
    required: false,
    type: 'Boolean',
    description: 'Whether the pipeline watches the branch by itself; true where it is not set.',
    values: ['true', 'false'],
  },
  OutputArtifactFormat: {
    required: false,
    type: 'String',
    description: 'CODE_ZIP (where it is not set): the files. CODEBUILD_CLONE_REF: a reference from which builds clone the whole history.',
    values: ['CODE_ZIP', 'CODEBUILD_CLONE_REF'],
  },
} as const;

/** A branch's tip; undefined where there is no such branch yet. */
async function tip({ RepositoryName = '', BranchName = '' }: Variables, { aws }: ActionTools): Promise<string | undefined> {
  try {
    const { branch } = await aws.codecommit.getBranch({ repositoryName: RepositoryName, branchName: BranchName });
    return branch?.commitId;
  } catch (error) {
    if (errorCode(error) === 'BranchDoesNotExistException') return undefined;
    throw error;
  }
}

/** CodeCommit writes dates as git does: `1484167798 -0800`. */
function committedAt(date = ''): Pick<SourceRevision, 'at'> {
  const seconds = /^\d+/.exec(date)?.[0];
  return seconds === undefined ? {} : { at: Number(seconds) * 1000 };
}

async function take(git: Git, job: ActionJob, tools: ActionTools): Promise<Progress> {
  const { RepositoryName: repositoryName = '', OutputArtifactFormat } = job.configuration;
  const branch = job.branch ?? job.configuration.BranchName ?? '';
  const commitId = job.revision ?? (await tip(job.configuration, tools));
  if (commitId === undefined) {
    const message = `The branch ${branch} of the repository ${repositoryName} does not exist.`;
    return { kind: 'failed', reason: 'ConfigurationError', message };
  }
  const [{ repositoryMetadata }, { commit }] = await Promise.all([
    tools.aws.codecommit.getRepository({ repositoryName }),
    tools.aws.codecommit.getCommit({ repositoryName, commitId }),
  ]);
  const summary = commit.message?.trimEnd() ?? '';
  const place = { path: `/v1/repos/${repositoryName}`, region: job.region, repository: repositoryName };
  const content =
    OutputArtifactFormat === 'CODEBUILD_CLONE_REF'
      ? cloneReference({ ...place, commit: commitId, branch })
      : git.archive(repositoryMetadata?.repositoryId ?? '', commitId, 'zip', tools.signal);
  await putSourceArtifact(job, tools, content, commitId);
  const variables = {
    AuthorDate: commit.author?.date ?? '',
    BranchName: branch,
    CommitId: commitId,
    CommitMessage: summary,
    CommitterDate: commit.committer?.date ?? '',
    RepositoryName: repositoryName,
  };
  return {
    kind: 'succeeded',
    variables,
    summary,
    revision: { revisionId: commitId, summary, ...committedAt(commit.committer?.date) },
    ref: { id: commitId },
  };
}

/** Errors that no second try mends: the user's configuration names something that is not there. */
const MISSING = new Set([
  'RepositoryDoesNotExistException',
  'CommitDoesNotExistException',
  'CommitIdDoesNotExistException',
  'InvalidCommitException',
]);

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeCommit.html */
export function codeCommitSource(git: Git): ActionProvider {
  const start = async (job: ActionJob, tools: ActionTools): Promise<Progress> => {
    try {
      return await take(git, job, tools);
    } catch (error) {
      if (!MISSING.has(errorCode(error) ?? '')) throw error;
      return { kind: 'failed', reason: 'ConfigurationError', message: (error as Error).message };
    }
  };
  return {
    type: { category: 'Source', owner: 'AWS', provider: 'CodeCommit', version: '1' },
    settings,
    artifacts: { inputs: { min: 0, max: 0 }, outputs: { min: 1, max: 1 } },
    timeoutMinutes: 60,
    start,
    poll: (job, _ref, tools) => start(job, tools),
    async stop() {},
    async latest(configuration, tools): Promise<RevisionSeen | undefined> {
      const revisionId = await tip(configuration, tools);
      return revisionId === undefined ? undefined : { revisionId };
    },
    async changes({ RepositoryName: repositoryName = '' }, from, to, { aws, signal }) {
      const { repositoryMetadata } = await aws.codecommit.getRepository({ repositoryName });
      return gitChanges(git, { repository: repositoryMetadata?.repositoryId ?? '', from, to, signal });
    },
    watches: ({ RepositoryName = '' }, { account, region }) => formatArn('codecommit', region, account, RepositoryName),
  };
}
