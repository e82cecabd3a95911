import type { ApprovedSource, InboundExecution, PendingApproval } from '../services/pipewright/api.gen.ts';
import type { Paint } from './paint.ts';
import { printable } from './screen.ts';
import { shortRevision } from './snapshot.ts';
import { long, moment, plural } from './words.ts';

/** Of a long list the first so many are shown. */
const MOST_COMMITS = 20;
const MOST_FILES = 15;

const firstLine = (text = '') => printable(text.trim().split('\n', 1)[0] ?? '');

/** Everything that somebody should see before he decides; `now` in epoch ms. */
export function approvalLines(approval: PendingApproval, now: number, paint: Paint): readonly string[] {
  const { stageName, actionName, pipelineExecutionId, since, until, message, reviewUrl, sources, newest, otherActions } = approval;
  const waited = `${long(now - since)}, since ${moment(since)}; it times out in ${long(Math.max(0, until - now))}`;
  return [
    `${paint('strong', `${stageName}/${actionName}`)} of ${pipelineExecutionId} waits for ${waited}.`,
    ...(message === undefined ? [] : [`  ${firstLine(message)}`]),
    ...(reviewUrl === undefined ? [] : [`  ${printable(reviewUrl)}`]),
    ...(otherActions.length === 0 ? [] : [`  Beside it runs ${otherActions.join(', ')}.`]),
    ...sources.flatMap((source) => sourceLines(source, paint)),
    ...(newest ? newestLines(newest, now, paint) : []),
  ];
}

function sourceLines(source: ApprovedSource, paint: Paint): readonly string[] {
  const { actionName, commits, moreCommits, files, filesChanged, note } = source;
  const shown = commits.slice(0, MOST_COMMITS);
  const listed = shown.map(({ commitId, at, author, subject }) => {
    return `  ${paint('busy', shortRevision(commitId))} ${moment(at).slice(0, 10)} ${printable(author)}: ${printable(subject)}`;
  });
  const stat = files.slice(0, MOST_FILES).map(({ path, insertions, deletions, binary }) => {
    const lines = binary ? 'binary' : `${paint('good', `+${insertions}`)} ${paint('bad', `-${deletions}`)}`;
    return `  ${printable(path)}  ${lines}`;
  });
  const left = moreCommits
    ? ['  … and more commits']
    : commits.length > shown.length
      ? [`  … and ${plural(commits.length - shown.length, 'more commit')}`]
      : [];
  const leftFiles = filesChanged > stat.length && stat.length > 0 ? [`  … and ${plural(filesChanged - stat.length, 'more file')}`] : [];
  const heading = paint('strong', `${actionName} ${shortRevision(source.revisionId)}`);
  return [
    `${heading} ${headline(source)}`,
    ...listed,
    ...left,
    ...stat,
    ...leftFiles,
    ...(note === undefined ? [] : [`  ${printable(note)}`]),
  ];
}

function headline(source: ApprovedSource): string {
  const { relation, commits, moreCommits, previousRevisionId = '', revisionSummary, filesChanged, insertions, deletions } = source;
  const count = moreCommits ? `more than ${plural(commits.length, 'commit')}` : plural(commits.length, 'commit');
  const before = shortRevision(previousRevisionId);
  const size = `${plural(filesChanged, 'file')} changed, +${insertions} -${deletions}`;
  const said = firstLine(revisionSummary);
  switch (relation) {
    case 'FIRST':
      return `${said}${said && ' '}(nothing has passed this stage before)`;
    case 'SAME':
      return `${said}${said && ' '}(the same revision passed this stage last)`;
    case 'UNKNOWN':
      return `${said}${said && ' '}(${before} passed this stage last)`;
    case 'AHEAD':
      return `${count} since ${before} passed this stage: ${size}`;
    case 'DIVERGED':
      return `${count} that ${before}, which passed this stage last, has not, and without some that it has: ${size}`;
    case 'BEHIND':
      return `goes back from ${before}, which passed this stage last: ${count} taken away, ${size}`;
  }
}

function newestLines(
  { pipelineExecutionId, since, revisions, transitionEnabled }: InboundExecution,
  now: number,
  paint: Paint,
): readonly string[] {
  const held = transitionEnabled ? '' : ', behind a disabled transition';
  return [
    paint('busy', `A newer execution waits behind it: ${pipelineExecutionId}, for ${long(now - since)}${held}.`),
    ...revisions.map(({ actionName, revisionId, revisionSummary }) =>
      `  ${actionName} ${shortRevision(revisionId)} ${firstLine(revisionSummary)}`.trimEnd(),
    ),
  ];
}
