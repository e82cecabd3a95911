import type { SessionGrant, SessionRecord, ShellSessions, ShellTargets } from '../../../ports/shells.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type DescribeSessionsRequest, type Session } from '../api.gen.ts';
import { sessionFilter } from '../rules/session-filter.ts';
import type { Place } from '../tools.ts';

type Operations = Pick<Api, 'startSession' | 'resumeSession' | 'terminateSession' | 'describeSessions'>;

export interface SessionTools {
  readonly shellSessions: ShellSessions;
  readonly targets: ShellTargets;
}

/** The document of sessions that are a shell: the one that AWS takes where none is named. */
const SHELL_DOCUMENT = 'SSM-SessionManagerRunShell';
const PAGE = 50;

const unknown = (sessionId: string) => errors.DoesNotExistException(`Session ${sessionId} does not exist.`);

function granted({ sessionId, token, streamUrl }: SessionGrant) {
  return { SessionId: sessionId, TokenValue: token, StreamUrl: streamUrl };
}

function sessionView({ sessionId, target, owner, status, started, ended, document, reason, details }: SessionRecord): Session {
  return {
    SessionId: sessionId,
    Target: target,
    Status: status,
    StartDate: started,
    ...(ended !== undefined && { EndDate: ended }),
    ...(document !== undefined && { DocumentName: document }),
    Owner: owner,
    ...(reason !== undefined && { Reason: reason }),
    ...(details !== undefined && { Details: details }),
    AccessType: 'Standard',
  };
}

async function describe({ shellSessions }: SessionTools, place: Place, wanted: DescribeSessionsRequest) {
  const { State, MaxResults = PAGE, NextToken, Filters = [] } = wanted;
  const fits = sessionFilter(Filters);
  if (typeof fits === 'string') throw errors.InvalidFilterKey(fits);
  const scope = `ssm:sessions:${State}`;
  const from = decodePageToken(scope, NextToken, () => errors.InvalidNextToken('The specified token is not valid.'));
  const found: SessionRecord[] = [];
  const [started = '', sessionId = ''] = String(from ?? '').split('/');
  let after = from === undefined ? undefined : { started: Number(started), sessionId };
  while (found.length <= MaxResults) {
    const page = await shellSessions.list(place, { active: State === 'Active', most: PAGE, ...(after && { after }) });
    found.push(...page.filter(fits));
    if (page.length < PAGE) break;
    after = page.at(-1)!;
  }
  const shown = found.slice(0, MaxResults);
  const last = shown.at(-1);
  const more = found.length > MaxResults && last && { NextToken: encodePageToken(scope, `${last.started}/${last.sessionId}`) };
  return { Sessions: shown.map(sessionView), ...more };
}

/** Session Manager: shells in what can be reached by a target. https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager.html */
export function sessionOperations(tools: SessionTools): Operations {
  const { shellSessions, targets } = tools;
  return {
    async startSession({ Target, DocumentName, Reason }, { principal, account, region, endpoint }) {
      if (DocumentName !== undefined && DocumentName !== SHELL_DOCUMENT)
        throw errors.InvalidDocument(`Document ${DocumentName} is not available: a session here is a shell (${SHELL_DOCUMENT}).`);
      const host = await targets.find({ account, region }, Target);
      if (!host) throw errors.TargetNotConnected(`${Target} is not connected.`);
      const place = { account, region, principal, endpoint, target: Target, host, document: SHELL_DOCUMENT };
      return granted(await shellSessions.start({ ...place, ...(Reason !== undefined && { reason: Reason }) }));
    },

    async resumeSession({ SessionId }, ctx) {
      const grant = await shellSessions.resume(ctx, ctx, SessionId);
      if (!grant) throw unknown(SessionId);
      // Without a token the plugin knows that the session is over.
      return grant === 'ended' ? { SessionId } : granted(grant);
    },

    async terminateSession({ SessionId }, ctx) {
      if (!(await shellSessions.terminate(ctx, SessionId))) throw unknown(SessionId);
      return { SessionId };
    },

    describeSessions: (input, ctx) => describe(tools, ctx, input),
  };
}
