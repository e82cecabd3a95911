import { write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api, type CreateServiceSpecificCredentialRequest, type ServiceSpecificCredential } from '../api.gen.ts';
import { commitOr, theEntity, type EntityRow } from '../entities.ts';
import { page } from '../paging.ts';
import { QUOTAS, within } from '../quotas.ts';
import { concurrent, overQuota } from '../rules/errors.ts';
import { ENTITY_ID_LENGTH } from '../rules/names.ts';
import { makePassword } from '../service-credentials.ts';
import { CREDENTIALS_TOPIC, quotaSql, serviceCredentialSql } from '../tables.ts';
import type { IamTools } from '../tools.ts';
import { userOrCaller } from './owner.ts';

type Operations = Pick<Api, 'createServiceSpecificCredential' | 'listServiceSpecificCredentials' | 'updateServiceSpecificCredential'> &
  Pick<Api, 'resetServiceSpecificCredential' | 'deleteServiceSpecificCredential'>;

/** Git over HTTPS is what has passwords here; AWS has them for Keyspaces and Bedrock, too. */
const CODECOMMIT = 'codecommit.amazonaws.com';

interface CredentialRow {
  readonly id: string;
  readonly service: string;
  readonly username: string;
  readonly status: 'Active' | 'Inactive';
  /** Epoch ms. */
  readonly created: number;
  readonly user_name: string;
  readonly cursor: string;
}

const noCredential = (id: string) => errors.NoSuchEntityException(`The service-specific credential with id ${id} cannot be found.`);

function view(row: Omit<CredentialRow, 'cursor'>) {
  return {
    CreateDate: row.created,
    ServiceName: row.service,
    ServiceUserName: row.username,
    ServiceSpecificCredentialId: row.id,
    UserName: row.user_name,
    Status: row.status,
  };
}

/** `bob-at-123456789012`, then `bob+1-at-…`: the first that nobody has. */
async function freeUserName(tools: IamTools, { name, account }: EntityRow): Promise<string> {
  for (let n = 0; ; n++) {
    const candidate = `${name}${n === 0 ? '' : `+${n}`}-at-${account}`;
    if ((await tools.db.get(serviceCredentialSql.byUserName, candidate)) === undefined) return candidate;
  }
}

function refuseUnbuilt({ ServiceName, CredentialAgeDays }: CreateServiceSpecificCredentialRequest): void {
  if (ServiceName !== CODECOMMIT) throw errors.ServiceNotSupportedException(`The service ${ServiceName} is not supported.`);
  if (CredentialAgeDays !== undefined) throw errors.InvalidInputException(`Credentials for ${ServiceName} do not expire.`);
}

async function create(
  tools: IamTools,
  ctx: CallContext,
  input: CreateServiceSpecificCredentialRequest,
): Promise<ServiceSpecificCredential> {
  refuseUnbuilt(input);
  const user = await theEntity(tools, ctx, 'user', input.UserName);
  const [username, { password, hash }] = [await freeUserName(tools, user), await makePassword(tools)];
  const [id, created] = [`ACCA${tools.ids.base32(ENTITY_ID_LENGTH)}`, tools.clock.now()];
  const quota = QUOTAS.ServiceSpecificCredentialsPerUser;
  const unit = [
    write(serviceCredentialSql.insert, [id, user.id, CODECOMMIT, username, hash, 'Active', created]),
    within(quotaSql.serviceCredentials, user.id, quota),
  ];
  await commitOr(tools, unit, ({ label }) => (label === 'quota' ? overQuota('ServiceSpecificCredentialsPerUser', quota) : concurrent()));
  return { ...view({ id, service: CODECOMMIT, username, status: 'Active', created, user_name: user.name }), ServicePassword: password };
}

export function serviceCredentialOperations(tools: IamTools): Operations {
  const ONE = { expect: 1, topic: CREDENTIALS_TOPIC };
  return {
    async createServiceSpecificCredential(input, ctx) {
      return { ServiceSpecificCredential: await create(tools, ctx, input) };
    },
    async listServiceSpecificCredentials(input, ctx) {
      const owner = input.AllUsers ? '' : (await userOrCaller(tools, ctx, input.UserName)).id;
      const service = input.ServiceName ?? '';
      const { rows, rest } = await page<CredentialRow>(`credentials ${owner} ${service}`, input, (after, limit) =>
        tools.db.all(serviceCredentialSql.list, ctx.account, owner, owner, service, service, after, limit),
      );
      return { ServiceSpecificCredentials: rows.map(view), ...rest };
    },
    async updateServiceSpecificCredential({ UserName, ServiceSpecificCredentialId: id, Status }, ctx) {
      const owner = await userOrCaller(tools, ctx, UserName);
      if (Status === 'Expired') throw errors.InvalidInputException('The status must be Active or Inactive.');
      await commitOr(tools, [write(serviceCredentialSql.setStatus, [Status, owner.id, id], ONE)], () => noCredential(id));
    },
    async resetServiceSpecificCredential({ UserName, ServiceSpecificCredentialId: id }, ctx) {
      const owner = await userOrCaller(tools, ctx, UserName);
      const row = await tools.db.get<CredentialRow>(serviceCredentialSql.find, owner.id, id);
      if (!row) throw noCredential(id);
      const { password, hash } = await makePassword(tools);
      await commitOr(tools, [write(serviceCredentialSql.setHash, [hash, owner.id, id], ONE)], () => noCredential(id));
      return { ServiceSpecificCredential: { ...view(row), ServicePassword: password } };
    },
    async deleteServiceSpecificCredential({ UserName, ServiceSpecificCredentialId: id }, ctx) {
      const owner = await userOrCaller(tools, ctx, UserName);
      await commitOr(tools, [write(serviceCredentialSql.delete, [owner.id, id], ONE)], () => noCredential(id));
    },
  };
}
