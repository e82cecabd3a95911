import { write } from '../../../ports/database.ts';
import { notImplemented } from '../../../protocol/errors.ts';
import { errors, type Api, type DeleteSecretRequest } from '../api.gen.ts';
import { CURRENT, moveStage } from '../rules/stages.ts';
import { sql, type VersionRow } from '../tables.ts';
import { findSecret, notFound, readStages, removal, requireLive, requireSecret, stageWrites, type SecretsTools } from '../tools.ts';
import { givenValue } from '../values.ts';
import { addVersion, insisting } from '../versions.ts';

type Operations = Pick<Api, 'updateSecret' | 'updateSecretVersionStage' | 'deleteSecret' | 'restoreSecret' | 'rotateSecret'>;

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;

/** How many days a deleted secret can be restored; undefined for none. */
function recoveryDays({ RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force }: DeleteSecretRequest): number | undefined {
  if (force && days !== undefined)
    throw errors.InvalidParameterException("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  if (days !== undefined && (days < 7 || days > 30))
    throw errors.InvalidParameterException('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
  return force ? undefined : (days ?? DEFAULT_DAYS);
}

function deletion(tools: SecretsTools): Pick<Operations, 'deleteSecret' | 'restoreSecret'> {
  const { commits, clock } = tools;
  return {
    async deleteSecret(input, ctx) {
      const days = recoveryDays(input);
      const now = clock.now();
      const row = await findSecret(tools, ctx, input.SecretId);
      if (days === undefined) {
        // What is not there need not be deleted: AWS says nothing against it.
        if (!row) return { ...(input.SecretId.startsWith('arn:') ? { ARN: input.SecretId } : { Name: input.SecretId }), DeletionDate: now };
        await commits.commit(removal(row.arn));
        return { ARN: row.arn, Name: row.name, DeletionDate: now };
      }
      if (!row) throw notFound();
      if (row.deleted !== null) {
        throw errors.InvalidRequestException(
          "You can't perform this operation on the secret because it was already scheduled for deletion.",
        );
      }
      const purge = now + days * DAY_MS;
      await commits.commit([write(sql.mark, [now, purge, now, row.arn])]);
      return { ARN: row.arn, Name: row.name, DeletionDate: purge };
    },

    async restoreSecret({ SecretId }, ctx) {
      const row = await requireSecret(tools, ctx, SecretId);
      if (row.deleted !== null) await commits.commit([write(sql.mark, [null, null, clock.now(), row.arn])]);
      return { ARN: row.arn, Name: row.name };
    },
  };
}

export function changeOperations(tools: SecretsTools): Operations {
  const { db, commits, clock, ids } = tools;
  return {
    async updateSecret(input, ctx) {
      if (input.Type !== undefined) throw notImplemented('secretsmanager', 'UpdateSecret with Type');
      const value = givenValue(input);
      const row = await requireLive(tools, ctx, input.SecretId);
      const { Description = row.description, KmsKeyId = row.kms_key } = input;
      if (input.Description !== undefined || input.KmsKeyId !== undefined)
        await commits.commit([write(sql.describe, [Description, KmsKeyId, clock.now(), row.arn])]);
      if (!value) return { ARN: row.arn, Name: row.name };
      const id = input.ClientRequestToken ?? ids.uuid();
      await addVersion(tools, ctx, row.arn, { id, value, stages: [CURRENT] });
      return { ARN: row.arn, Name: row.name, VersionId: id };
    },

    async updateSecretVersionStage({ SecretId, VersionStage, RemoveFromVersionId, MoveToVersionId }, ctx) {
      return insisting(async () => {
        const row = await requireLive(tools, ctx, SecretId);
        for (const id of [RemoveFromVersionId, MoveToVersionId]) {
          if (id !== undefined && !(await db.get<VersionRow>(sql.version, row.arn, id)))
            throw errors.ResourceNotFoundException(`Secrets Manager can't find the specified secret version: ${id}`);
        }
        const stages = moveStage(await readStages(tools, row.arn), {
          stage: VersionStage,
          ...(RemoveFromVersionId !== undefined && { from: RemoveFromVersionId }),
          ...(MoveToVersionId !== undefined && { to: MoveToVersionId }),
        });
        await commits.commit(stageWrites(row, stages, clock.now()));
        return { ARN: row.arn, Name: row.name };
      });
    },

    ...deletion(tools),

    async rotateSecret({ SecretId, RotationLambdaARN }, ctx) {
      await requireLive(tools, ctx, SecretId);
      if (RotationLambdaARN === undefined || RotationLambdaARN === '')
        throw errors.InvalidRequestException('No Lambda rotation function ARN is associated with this secret.');
      throw errors.InvalidRequestException(
        'Rotation runs a Lambda function, and Pipewright has none: the secret was not rotated. Put a new value with PutSecretValue.',
      );
    },
  };
}
