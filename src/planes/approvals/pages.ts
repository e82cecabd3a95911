import type { WaitingApproval } from '../../ports/approval-links.ts';
import { facts, html, type Html } from '../page.ts';

export interface Page {
  readonly title: string;
  readonly body: Html;
}

export type Decision = 'approve' | 'reject';

/** PutApprovalResult takes no longer summary. */
export const LONGEST_COMMENT = 512;

/** A link where it is one that a browser may follow; anything else is shown as text. */
function link(text: string | undefined): string | Html | undefined {
  if (text === undefined || !/^https?:\/\//i.test(text) || !URL.canParse(text)) return text;
  return html`<a href="${text}" rel="noopener noreferrer" target="_blank">${text}</a>`;
}

function about(approval: WaitingApproval): Html {
  const { pipeline, stage, action, executionId, customData, externalEntityLink, expires, account, region } = approval;
  return facts([
    ['Pipeline', pipeline],
    ['Stage', stage],
    ['Action', action],
    ['Execution', executionId],
    ['Message', customData],
    ['To review', link(externalEntityLink)],
    ['Answer until', `${new Date(expires).toISOString().slice(0, 16).replace('T', ' ')} UTC`],
    ['Account', `${account}, ${region}`],
  ]);
}

function button(decision: Decision, proposed: Decision): Html {
  const label = decision === 'approve' ? 'Approve' : 'Reject';
  return html`<button name="decision" value="${decision}" ${decision === proposed ? '' : html` class="second"`}>${label}</button>`;
}

/** What is to be decided, with a comment and two buttons; the proposed one stands out and nothing more. */
export function questionPage(approval: WaitingApproval, proposed: Decision): Page {
  const comment = html`<label for="comment">Comment</label
    ><textarea id="comment" name="comment" maxlength="${String(LONGEST_COMMENT)}"></textarea>`;
  const buttons = html`<div class="buttons">${button('approve', proposed)}${button('reject', proposed)}</div>`;
  const form = html`<form method="post">${comment}${buttons}</form>`;
  return { title: `Approval for ${approval.pipeline}: ${approval.action}`, body: html`${about(approval)}${form}` };
}

export function decidedPage(approval: WaitingApproval, decision: string): Page {
  return { title: decision === 'Approved' ? 'Approved' : 'Rejected', body: about(approval) };
}

/** `why` is a sentence. */
export function closedPage(approval: WaitingApproval, why: string): Page {
  return {
    title: 'This approval no longer waits',
    body: html`<p>${why}</p>
      ${about(approval)}`,
  };
}

export function problemPage(title: string, text: string): Page {
  return { title, body: html`<p>${text}</p>` };
}
