import { errors } from '../api.gen.ts';

/** Which version each staging label is on. https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version */
export type Stages = ReadonlyMap<string, string>;

export const CURRENT = 'AWSCURRENT';
export const PREVIOUS = 'AWSPREVIOUS';
const MOST_PER_VERSION = 20;

/** The labels of a version, AWSCURRENT first, as AWS sorts them: by name. */
export function stagesOf(stages: Stages, version: string): string[] {
  return [...stages].filter(([, on]) => on === version).map(([stage]) => stage);
}

/** Labels moved to a version. What was current becomes previous, and what was previous loses that label. */
export function movedTo(stages: Stages, version: string, wanted: readonly string[]): Stages {
  const before = stages.get(CURRENT);
  const after = new Map(stages);
  for (const stage of wanted) after.set(stage, version);
  if (wanted.includes(CURRENT) && before !== undefined && before !== version && !wanted.includes(PREVIOUS)) after.set(PREVIOUS, before);
  // The previous version that is current again is not previous to itself.
  else if (wanted.includes(CURRENT) && !wanted.includes(PREVIOUS) && after.get(PREVIOUS) === version) after.delete(PREVIOUS);
  if (stagesOf(after, version).length > MOST_PER_VERSION)
    throw errors.LimitExceededException(`A version can have at most ${MOST_PER_VERSION} staging labels.`);
  return after;
}

export interface StageMove {
  readonly stage: string;
  readonly from?: string;
  readonly to?: string;
}

const invalid = (message: string) => errors.InvalidParameterException(message);

/** UpdateSecretVersionStage: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html */
export function moveStage(stages: Stages, { stage, from, to }: StageMove): Stages {
  const on = stages.get(stage);
  if (from !== undefined && on !== from)
    throw invalid(`The parameter RemoveFromVersionId can't be ${from}. Staging label ${stage} is not currently attached to this version.`);
  if (to === undefined) {
    if (from === undefined) throw invalid('You must specify RemoveFromVersionId, MoveToVersionId, or both.');
    if (stage === CURRENT)
      throw invalid(`You can only move staging label ${CURRENT} to a different secret version. It can’t be completely removed.`);
    const after = new Map(stages);
    after.delete(stage);
    return after;
  }
  if (from === undefined && on !== undefined && on !== to) {
    throw invalid(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${on}, so you must ` +
        'explicitly reference that version in RemoveFromVersionId.',
    );
  }
  return movedTo(stages, to, [stage]);
}
