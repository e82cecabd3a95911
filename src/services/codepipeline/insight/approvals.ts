import { messageOf } from '../../../kernel/errors.ts';
import type { CallContext } from '../../../protocol/context.ts';
import type { Api, ApprovedSource, PendingApproval as View } from '../../pipewright/api.gen.ts';
import type { ActionDeclaration } from '../api.gen.ts';
import { pipelineState } from '../operations/tools.ts';
import { pendingApprovals, type PendingApproval } from '../rules/pending-approvals.ts';
import { declarationOf, type Execution, type PipelineState } from '../rules/state.ts';
import type { SourceRevision } from '../rules/values.ts';
import { resolve } from '../rules/variables.ts';
import { sourceTools, type InsightTools } from './tools.ts';

type Operations = Pick<Api, 'describeApproval'>;

/** In PARALLEL mode very many may wait: of so many it is told what they approve. */
const MOST_DESCRIBED = 20;
/** A history is looked through for so long, ms. */
const PATIENCE_MS = 15_000;

const NOTHING = { commits: [], moreCommits: false, files: [], filesChanged: 0, insertions: 0, deletions: 0 };

interface Look {
  readonly tools: InsightTools;
  readonly ctx: CallContext;
  readonly state: PipelineState;
  readonly execution: Execution;
}

function known(actionName: string, { revisionId, summary, url }: SourceRevision, previous: string | undefined) {
  return {
    actionName,
    revisionId,
    ...(summary !== undefined && { revisionSummary: summary }),
    ...(url !== undefined && { revisionUrl: url }),
    ...(previous !== undefined && { previousRevisionId: previous }),
  };
}

/** What changed between two revisions that cannot be looked into. */
function opaque(revision: string, previous: string | undefined): Pick<ApprovedSource, 'relation'> {
  return { relation: previous === undefined ? 'FIRST' : previous === revision ? 'SAME' : 'UNKNOWN' };
}

async function source(look: Look, action: string, revision: SourceRevision): Promise<ApprovedSource> {
  const { tools, ctx, state, execution } = look;
  const declaration = declarationOf(state, execution.version);
  const declared = declaration.stages[0]?.actions.find(({ name }) => name === action);
  const previous = state.stages[execution.stage]?.lastSuccess?.revisions[action]?.revisionId;
  const base = known(action, revision, previous);
  const provider = declared && tools.providers.find(declared.actionTypeId, state);
  if (!declared || !provider?.changes) return { ...base, ...opaque(revision.revisionId, previous), ...NOTHING };
  try {
    const rights = sourceTools(tools, ctx, declared.roleArn ?? declaration.roleArn, PATIENCE_MS);
    const changes = await provider.changes(configurationOf(declared, execution), previous, revision.revisionId, rights);
    return { ...base, ...changes };
  } catch (error) {
    // That it cannot be told is no reason to hide what waits: the revision itself is known.
    return { ...base, ...opaque(revision.revisionId, previous), ...NOTHING, note: `What changed could not be read: ${messageOf(error)}` };
  }
}

function configurationOf({ configuration = {} }: ActionDeclaration, execution: Execution) {
  const resolved = resolve({ configuration }, execution);
  return resolved.ok ? resolved.configuration : configuration;
}

function newestView({ newest }: PendingApproval): Pick<View, 'newest'> {
  if (!newest) return {};
  const { execution, since, transitionEnabled } = newest;
  const revisions = Object.entries(execution.revisions).map(([actionName, { revisionId, summary }]) => {
    return { actionName, revisionId, ...(summary !== undefined && { revisionSummary: summary }) };
  });
  return { newest: { pipelineExecutionId: execution.id, startTime: execution.startedAt, since, transitionEnabled, revisions } };
}

async function view(look: Look, approval: PendingApproval): Promise<View> {
  const { execution, run, mode, others } = approval;
  const { CustomData: message, ExternalEntityLink: reviewUrl } = run.configuration;
  const lastSuccess = look.state.stages[execution.stage]?.lastSuccess?.executionId;
  return {
    pipelineExecutionId: execution.id,
    stageName: execution.stage,
    actionName: run.action,
    token: run.token ?? '',
    since: run.startedAt,
    until: run.deadline,
    executionMode: mode,
    otherActions: others,
    ...(message !== undefined && { message }),
    ...(reviewUrl !== undefined && { reviewUrl }),
    ...(lastSuccess !== undefined && { lastSuccessExecutionId: lastSuccess }),
    sources: await Promise.all(Object.entries(execution.revisions).map(([action, revision]) => source(look, action, revision))),
    ...newestView(approval),
  };
}

export function approvalOperations(tools: InsightTools): Operations {
  return {
    async describeApproval({ pipelineName, stageName: stage, actionName: action, pipelineExecutionId: executionId }, ctx) {
      const state = await pipelineState(tools, ctx, pipelineName);
      const waiting = pendingApprovals(state, { stage, action, executionId }).slice(0, MOST_DESCRIBED);
      const approvals: View[] = [];
      for (const approval of waiting) approvals.push(await view({ tools, ctx, state, execution: approval.execution }, approval));
      return { approvals };
    },
  };
}
