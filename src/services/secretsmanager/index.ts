import { randomInt } from 'node:crypto';
import { messageOf } from '../../kernel/errors.ts';
import type { Sleeper } from '../../engine/sleeper.ts';
import type { Service } from '../../protocol/service.ts';
import { model, type Api } from './api.gen.ts';
import { changeOperations } from './operations/change-secrets.ts';
import { createOperations } from './operations/create-secret.ts';
import { listOperations } from './operations/list-secrets.ts';
import { policyAndTagOperations } from './operations/policies-and-tags.ts';
import { valueOperations } from './operations/values.ts';
import { randomPassword } from './rules/password.ts';
import { migrations, sql, type SecretRow } from './tables.ts';
import { removal, type SecretsTools } from './tools.ts';

const HOUR_MS = 3_600_000;
const ALARM = 'secretsmanager purge';

/** Takes away the secrets whose recovery window is over. They are not found any more before that. */
export async function purge({ db, commits, clock }: SecretsTools): Promise<void> {
  const rows = await db.all<SecretRow>(sql.overdue, clock.now());
  if (rows.length > 0) await commits.commit(rows.flatMap(({ arn }) => removal(arn)));
}

/** AWS Secrets Manager: the table of contents of this service. */
export function createSecretsManager(tools: SecretsTools & { readonly sleeper: Sleeper }): Service<Api> {
  const { sleeper, clock, log } = tools;
  const look = (): void => {
    purge(tools).catch((error: unknown) => log.error('deleted secrets were not cleared away', { error: messageOf(error) }));
    sleeper.set(ALARM, clock.now() + HOUR_MS, look);
  };
  return {
    model,
    migrations,
    operations: {
      ...createOperations(tools),
      ...valueOperations(tools),
      ...listOperations(tools),
      ...changeOperations(tools),
      ...policyAndTagOperations(tools),
      getRandomPassword: async (input) => ({ RandomPassword: randomPassword(input, randomInt) }),
    },
    async start() {
      look();
    },
    async stop() {
      sleeper.set(ALARM, undefined, look);
    },
  };
}
