import type { SourceType, StatusType } from '../api.gen.ts';
import type { BuildSpec } from './build/state.ts';

/** https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-badges.html */
export type BadgeState = 'passing' | 'failing' | 'in progress' | 'unknown' | 'error';

const COLOURS: Readonly<Record<BadgeState, string>> = {
  passing: '#2e8540',
  failing: '#c0392b',
  'in progress': '#1f78b4',
  unknown: '#6b6b6b',
  error: '#b35c00',
};

const WITHOUT: ReadonlySet<SourceType> = new Set(['S3', 'CODEPIPELINE', 'NO_SOURCE']);

/** Whether projects of this source have branches to show. */
export function hasBadges(type: SourceType): boolean {
  return !WITHOUT.has(type);
}

export function badgeState(status: StatusType | undefined): BadgeState {
  if (status === undefined) return 'unknown';
  if (status === 'IN_PROGRESS') return 'in progress';
  return status === 'SUCCEEDED' ? 'passing' : 'failing';
}

/** Names of the branch that builds without a version most likely are of; nobody but the git host knows it. */
const DEFAULTS = ['main', 'master'];

/** Whether a build without a version counts as one of this branch. */
export function isDefaultBranch(branch: string): boolean {
  return DEFAULTS.includes(branch);
}

/** The branch a build is of: '' for the default one, undefined for commits, tags and pull requests. */
export function branchOf({ sourceVersion, webhook }: Pick<BuildSpec, 'sourceVersion' | 'webhook'>): string | undefined {
  const trigger = webhook?.variables['CODEBUILD_WEBHOOK_TRIGGER'];
  if (trigger !== undefined) return trigger.startsWith('branch/') ? trigger.slice('branch/'.length) : undefined;
  const version = sourceVersion ?? '';
  if (version.startsWith('refs/heads/')) return version.slice('refs/heads/'.length).replace(/\^\{.*\}$/, '');
  if (version.startsWith('refs/') || /^pr\/\d+$/.test(version) || /^[0-9a-f]{40}$/.test(version)) return undefined;
  return version;
}

const LABEL = 'build';
const [CHARACTER, PADDING, HEIGHT] = [7, 8, 20];
const widthOf = (text: string): number => text.length * CHARACTER + 2 * PADDING;

/** The badge as a picture, of letters that need no escaping. */
export function badgeSvg(state: BadgeState): string {
  const [left, right] = [widthOf(LABEL), widthOf(state)];
  const width = left + right;
  const word = (text: string, x: number) => `<text x="${x}" y="14" text-anchor="middle">${text}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" role="img" aria-label="${LABEL}: ${state}"><title>${LABEL}: ${state}</title><clipPath id="r"><rect width="${width}" height="${HEIGHT}" rx="4"/></clipPath><g clip-path="url(#r)"><rect width="${left}" height="${HEIGHT}" fill="#3b3b3b"/><rect x="${left}" width="${right}" height="${HEIGHT}" fill="${COLOURS[state]}"/></g><g fill="#fff" font-family="system-ui,Verdana,sans-serif" font-size="12">${word(LABEL, left / 2)}${word(state, left + right / 2)}</g></svg>`;
}
