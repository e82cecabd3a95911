import { WriteConflict, write, type Write } from '../../ports/database.ts';
import { errors } from './api.gen.ts';
import { CURRENT, movedTo, stagesOf, type Stages } from './rules/stages.ts';
import { sql, type SecretRow, type VersionRow } from './tables.ts';
import { readStages, requireLive, stageWrites, type Place, type SecretsTools } from './tools.ts';
import { openValue, sameValue, sealValue, type SecretValue } from './values.ts';

/** Calls that change the same secret at the same instant meet; each meeting lets one through. */
const TRIES = 20;
/** Beyond so many, versions without a label that are older than a day go. */
const MOST_VERSIONS = 100;
const DAY_MS = 86_400_000;

export interface NewVersion {
  readonly id: string;
  readonly value: SecretValue;
  readonly stages: readonly string[];
}

export interface StoredVersion {
  readonly row: SecretRow;
  readonly stages: readonly string[];
}

/** Runs a change again where another one came between its reading and its writing. */
export async function insisting<T>(change: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof WriteConflict) || tries === TRIES) throw error;
    }
  }
}

async function pruning({ db, clock }: SecretsTools, arn: string, stages: Stages): Promise<Write[]> {
  const versions = await db.all<VersionRow>(sql.versions, arn);
  const excess = versions.length + 1 - MOST_VERSIONS;
  if (excess <= 0) return [];
  const labelled = new Set(stages.values());
  const old = versions.filter(({ id, created }) => !labelled.has(id) && created < clock.now() - DAY_MS);
  return old.slice(0, excess).map(({ id }) => write(sql.deleteVersion, [arn, id]));
}

/** A token that was used before: the same call again changes nothing, another one is refused. */
function repeated(tools: SecretsTools, arn: string, known: VersionRow, value: SecretValue): void {
  if (sameValue(openValue(tools.secrets, known.value), value)) return;
  throw errors.ResourceExistsException(
    `You can't use ClientRequestToken ${known.id} because that value is already in use for a version of secret ${arn}.`,
  );
}

/** Adds a version and moves its labels to it; the first version is current, whatever was asked for. */
export function addVersion(tools: SecretsTools, place: Place, id: string, version: NewVersion): Promise<StoredVersion> {
  return insisting(async () => {
    const row = await requireLive(tools, place, id);
    const before = await readStages(tools, row.arn);
    const known = await tools.db.get<VersionRow>(sql.version, row.arn, version.id);
    if (known) {
      repeated(tools, row.arn, known, version.value);
      return { row, stages: stagesOf(before, known.id) };
    }
    const wanted = before.has(CURRENT) ? version.stages : [...new Set([CURRENT, ...version.stages])];
    const after = movedTo(before, version.id, wanted);
    const now = tools.clock.now();
    await tools.commits.commit([
      ...stageWrites(row, after, now),
      write(sql.insertVersion, [row.arn, version.id, sealValue(tools.secrets, version.value), now]),
      ...(await pruning(tools, row.arn, after)),
    ]);
    return { row, stages: stagesOf(after, version.id) };
  });
}
