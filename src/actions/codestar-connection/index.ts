import { parseArn } from '../../kernel/arn.ts';
import { connectionId, type ConnectedRepository, type GitConnections } from '../../ports/connections.ts';
import type { Git, GitCommit, GitPerson } from '../../ports/git.ts';
import type { ActionJob, ActionProvider, ActionTools, Progress, Variables } from '../../services/codepipeline/provider.ts';
import { cloneReference } from '../clone-reference.ts';
import { errorCode } from '../error-code.ts';
import { remoteChanges } from '../git-changes.ts';
import { putSourceArtifact } from '../source-artifact.ts';

export interface ConnectionSourcePorts {
  readonly git: Git;
  readonly connections: GitConnections;
}

const settings = {
  ConnectionArn: { required: true, type: 'String', description: 'The connection to the git host.' },
  FullRepositoryId: { required: true, type: 'String', description: 'The repository as owner/name, with its groups at GitLab.' },
  BranchName: { required: true, type: 'String', description: 'The branch whose tip is taken unless a trigger says otherwise.' },
  OutputArtifactFormat: {
    required: false,
    type: 'String',
    description: 'CODE_ZIP (where it is not set): the files. CODEBUILD_CLONE_REF: a reference from which builds clone the whole history.',
    values: ['CODE_ZIP', 'CODEBUILD_CLONE_REF'],
  },
  DetectChanges: {
    required: false,
    type: 'Boolean',
    description: 'Whether a push to the branch starts the pipeline; true where it is not set.',
    values: ['true', 'false'],
  },
} as const;

interface Place {
  readonly account: string;
  readonly region: string;
  readonly role?: string | undefined;
}

/** What the time and the zone of a commit read as in ISO 8601. */
function isoTime({ seconds }: GitPerson): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

function remote(
  { connections }: ConnectionSourcePorts,
  { ConnectionArn = '', FullRepositoryId = '' }: Variables,
  place: Place,
): Promise<ConnectedRepository> {
  const { account, region, role } = place;
  return connections.repository(ConnectionArn, FullRepositoryId, { account, region, ...(role !== undefined && { role }) });
}

/** The repository as the pipeline's account sees it, outside a job. */
async function ofCaller(ports: ConnectionSourcePorts, configuration: Variables, { aws }: ActionTools): Promise<ConnectedRepository> {
  const { Account: account = '' } = await aws.sts.getCallerIdentity({});
  return remote(ports, configuration, { account, region: parseArn(configuration.ConnectionArn ?? '')?.region ?? '' });
}

async function tip(
  { git }: ConnectionSourcePorts,
  { url, access }: ConnectedRepository,
  branch: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  return (await git.lsRemote(url, { ...access, signal })).get(`refs/heads/${branch}`);
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html */
function variablesOf(job: ActionJob, branch: string, commit: string, details: GitCommit | undefined): Variables {
  const { ConnectionArn = '', FullRepositoryId = '' } = job.configuration;
  return {
    AuthorDate: details ? isoTime(details.author) : '',
    AuthorDisplayName: details?.author.name ?? '',
    AuthorEmail: details?.author.email ?? '',
    AuthorId: details?.author.name ?? '',
    BranchName: branch,
    CommitId: commit,
    CommitMessage: details?.message.trimEnd() ?? '',
    CommitterDate: details ? isoTime(details.committer) : '',
    ConnectionArn,
    FullRepositoryName: FullRepositoryId,
  };
}

/** Where our own server serves the repository to those who may use the connection. */
function proxied({ ConnectionArn = '', FullRepositoryId = '' }: Variables): { readonly path: string; readonly region: string } {
  const { account = '', region = '' } = parseArn(ConnectionArn) ?? {};
  return { path: `/git-http/${account}/${region}/${connectionId(ConnectionArn) ?? ''}/${FullRepositoryId}.git`, region };
}

async function take(ports: ConnectionSourcePorts, job: ActionJob, tools: ActionTools): Promise<Progress> {
  const { git } = ports;
  const { BranchName = '', FullRepositoryId = '', OutputArtifactFormat } = job.configuration;
  const branch = job.branch ?? BranchName;
  const found = await remote(ports, job.configuration, job);
  const commitId = job.revision ?? (await tip(ports, found, branch, tools.signal));
  if (commitId === undefined)
    return { kind: 'failed', reason: 'ConfigurationError', message: `The repository ${FullRepositoryId} has no branch ${branch}.` };
  const { repository, commit } = await git.fetchRemote(found.url, commitId, { ...found.access, signal: tools.signal });
  const content =
    OutputArtifactFormat === 'CODEBUILD_CLONE_REF'
      ? cloneReference({ ...proxied(job.configuration), commit, branch, repository: FullRepositoryId })
      : git.archive(repository, commit, 'zip', tools.signal);
  await putSourceArtifact(job, tools, content, commitId);
  const details = await git.commit(repository, commit);
  const summary = details?.message.trimEnd() ?? '';
  const at = details && { at: details.committer.seconds * 1000 };
  const variables = variablesOf(job, branch, commitId, details);
  return { kind: 'succeeded', variables, summary, revision: { revisionId: commitId, summary, ...at }, ref: { id: commitId } };
}

/** Failures that are the configuration's: no second try mends them. */
const REASONS: Readonly<Record<string, 'ConfigurationError' | 'RevisionUnavailable' | 'PermissionError'>> = {
  ConnectionUnavailable: 'ConfigurationError',
  AccessDenied: 'PermissionError',
  RemoteFailed: 'RevisionUnavailable',
};

/** A repository at a git host, through a connection. */
export function codeStarConnection(ports: ConnectionSourcePorts): ActionProvider {
  const start = async (job: ActionJob, tools: ActionTools): Promise<Progress> => {
    try {
      return await take(ports, job, tools);
    } catch (error) {
      const reason = REASONS[errorCode(error) ?? ''];
      if (!reason) throw error;
      return { kind: 'failed', reason, message: (error as Error).message };
    }
  };
  return {
    type: { category: 'Source', owner: 'AWS', provider: 'CodeStarSourceConnection', version: '1' },
    settings,
    artifacts: { inputs: { min: 0, max: 0 }, outputs: { min: 1, max: 1 } },
    timeoutMinutes: 60,
    start,
    poll: (job, _ref, tools) => start(job, tools),
    async stop() {},
    async latest(configuration, tools) {
      const found = await ofCaller(ports, configuration, tools);
      const revisionId = await tip(ports, found, configuration.BranchName ?? '', tools.signal);
      return revisionId === undefined ? undefined : { revisionId };
    },
    async changes(configuration, from, to, tools) {
      const { url, access } = await ofCaller(ports, configuration, tools);
      return remoteChanges(ports.git, { url, access, from, to, signal: tools.signal });
    },
  };
}
