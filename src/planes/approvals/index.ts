import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../kernel/log.ts';
import type { WaitingApproval } from '../../ports/approval-links.ts';
import { write } from '../../ports/database.ts';
import { ApiError } from '../../protocol/errors.ts';
import { readForm, sendPage } from '../page.ts';
import { findLink, PREFIX, type FoundLink, type LinkTools } from './links.ts';
import { closedPage, decidedPage, LONGEST_COMMENT, problemPage, questionPage, type Decision, type Page } from './pages.ts';
import { sql } from './tables.ts';

export interface ApprovalResult {
  readonly status: 'Approved' | 'Rejected';
  readonly summary: string;
}

/** What the plane needs of CodePipeline, called as anybody calls it. */
export interface Approvals {
  /** Whether the action still waits to be decided. */
  isWaiting(approval: WaitingApproval): Promise<boolean>;
  /** PutApprovalResult, under a principal whose session is this; throws its ApiErrors. */
  decide(approval: WaitingApproval, session: string, result: ApprovalResult): Promise<void>;
}

export interface ApprovalsPlaneTools extends Pick<LinkTools, 'db' | 'commits' | 'secrets' | 'clock'> {
  readonly approvals: Approvals;
  readonly log: Logger;
}

interface Answer {
  readonly status: number;
  readonly page: Page;
}

function urlOf(request: IncomingMessage): URL {
  return new URL(`http://localhost${request.url ?? '/'}`);
}

/** How the link is called where its token must not be: in the history and the log. */
const sessionOf = ({ hash }: FoundLink): string => `link-${hash.slice(0, 16)}`;

const NO_LINK = problemPage('There is no such approval', 'The link is not complete, or the approval was long ago.');

const closed = (approval: WaitingApproval, why: string): Answer => ({ status: 409, page: closedPage(approval, why) });

const DECIDED = 'It has been decided already.';
const EXPIRED = 'The time to answer is over.';

/** What the page answers whatever is asked of it; undefined where the approval waits. */
async function over({ approvals, clock }: ApprovalsPlaneTools, { approval, decision }: FoundLink): Promise<Answer | undefined> {
  if (decision !== undefined) return { status: 200, page: decidedPage(approval, decision) };
  if (approval.expires <= clock.now()) return closed(approval, EXPIRED);
  let waits = false;
  const gone = await refusal(approvals.isWaiting(approval).then((yes) => (waits = yes)));
  return waits ? undefined : closed(approval, gone?.message ?? DECIDED);
}

/** Why CodePipeline says no, where it does; what it could not tell is thrown. */
async function refusal(work: Promise<unknown>): Promise<ApiError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof ApiError && error.fault === 'client') return error;
    throw error;
  }
}

/** Decides. CodePipeline takes one decision: who comes second, by this link or otherwise, is told so. */
async function decide(tools: ApprovalsPlaneTools, link: FoundLink, result: ApprovalResult): Promise<Answer> {
  const { commits, approvals, log } = tools;
  const { approval, hash } = link;
  const refused = await refusal(approvals.decide(approval, sessionOf(link), result));
  if (refused) return closed(approval, refused.message);
  await commits.commit([write(sql.decide, [result.status, hash])]);
  const { pipeline, stage, action } = approval;
  log.info('an approval was decided by a link', { pipeline, stage, action, status: result.status, link: sessionOf(link) });
  return { status: 200, page: decidedPage(approval, result.status) };
}

function resultOf(form: URLSearchParams): ApprovalResult | undefined {
  const decision = form.get('decision');
  const summary = (form.get('comment') ?? '').replace(/\r\n/g, '\n').slice(0, LONGEST_COMMENT);
  if (decision === 'approve') return { status: 'Approved', summary };
  return decision === 'reject' ? { status: 'Rejected', summary } : undefined;
}

async function answer(tools: ApprovalsPlaneTools, request: IncomingMessage): Promise<Answer> {
  const url = urlOf(request);
  const link = await findLink(tools, url.pathname.slice(PREFIX.length));
  if (!link) return { status: 404, page: NO_LINK };
  const ended = await over(tools, link);
  if (ended) return ended;
  if (request.method === 'POST') {
    const form = await readForm(request);
    const result = form && resultOf(form);
    return result ? decide(tools, link, result) : { status: 400, page: problemPage('Nothing was decided', 'The form was not complete.') };
  }
  const proposed: Decision = url.searchParams.get('decision') === 'reject' ? 'reject' : 'approve';
  return { status: 200, page: questionPage(link.approval, proposed) };
}

/**
 * The page behind the link of an approval message. Whoever has the link may decide, once; only its buttons (POST) do: scanners of
 * mail follow every link, and what they get is the page.
 */
export function createApprovalsPlane(tools: ApprovalsPlaneTools) {
  return {
    matches: (request: IncomingMessage): boolean => request.url?.startsWith(PREFIX) ?? false,
    async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
      if (request.method !== 'GET' && request.method !== 'HEAD' && request.method !== 'POST') {
        return sendPage(response, 405, problemPage('Not here', 'Only GET and POST are answered.'));
      }
      const { status, page } = await answer(tools, request);
      sendPage(response, status, page);
    },
  };
}
