import type { SecretBox } from '../../ports/secrets.ts';
import { write, type Write } from '../../ports/database.ts';
import type { CallContext } from '../../protocol/context.ts';
import type { ServiceTools } from '../../protocol/service.ts';
import { errors } from './api.gen.ts';
import { candidates } from './rules/secret-id.ts';
import type { Stages } from './rules/stages.ts';
import { sql, type SecretRow, type StageRow } from './tables.ts';

export interface SecretsTools extends ServiceTools {
  readonly secrets: SecretBox;
}

export type Place = Pick<CallContext, 'account' | 'region'>;

export const notFound = () => errors.ResourceNotFoundException("Secrets Manager can't find the specified secret.");

const isGone = ({ purge }: SecretRow, now: number): boolean => purge !== null && purge <= now;

/** The secret of this id, marked for deletion or not; undefined where there is none, or its recovery window is over. */
export async function findSecret({ db, clock }: SecretsTools, place: Place, id: string): Promise<SecretRow | undefined> {
  for (const { name, arn } of candidates(id, place)) {
    const row = await db.get<SecretRow>(sql.secret, place.account, place.region, name);
    if (row && (arn === undefined || row.arn === arn) && !isGone(row, clock.now())) return row;
  }
  return undefined;
}

/** Throws ResourceNotFoundException. */
export async function requireSecret(tools: SecretsTools, place: Place, id: string): Promise<SecretRow> {
  const row = await findSecret(tools, place, id);
  if (!row) throw notFound();
  return row;
}

/** A secret that is not marked for deletion; throws ResourceNotFoundException and InvalidRequestException. */
export async function requireLive(tools: SecretsTools, place: Place, id: string): Promise<SecretRow> {
  const row = await requireSecret(tools, place, id);
  if (row.deleted === null) return row;
  throw errors.InvalidRequestException("You can't perform this operation on the secret because it was marked for deletion.");
}

export async function readStages({ db }: SecretsTools, arn: string): Promise<Stages> {
  const rows = await db.all<StageRow>(sql.stages, arn);
  return new Map(rows.map(({ stage, version }) => [stage, version]));
}

/** Writes the stages as they are to be; fails where they are no longer as they were read with the row. */
export function stageWrites(row: SecretRow, stages: Stages, now: number): Write[] {
  const inserts = [...stages].map(([stage, version]) => write(sql.insertStage, [row.arn, stage, version]));
  return [
    write(sql.advance, [now, row.arn, row.revision], { expect: 1, label: 'revision' }),
    write(sql.deleteStages, [row.arn]),
    ...inserts,
  ];
}

/** All of a secret. */
export function removal(arn: string): Write[] {
  return [sql.deleteSecret, sql.deleteVersions, sql.deleteStages, sql.deleteTags].map((statement) => write(statement, [arn]));
}
