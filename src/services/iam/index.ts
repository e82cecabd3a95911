import type { Authorise, Principal } from '../../ports/authorise.ts';
import type { Credential, Credentials, Sessions } from '../../ports/credentials.ts';
import type { Service } from '../../protocol/service.ts';
import { model, type Api } from './api.gen.ts';
import { decide } from './authorise.ts';
import { CredentialCache } from './cache.ts';
import { createCredentials } from './credentials.ts';
import { findEntity } from './entities.ts';
import { LastUse } from './last-use.ts';
import { accessKeyOperations } from './operations/access-keys.ts';
import { attachmentOperations } from './operations/attachments.ts';
import { groupOperations } from './operations/groups.ts';
import { inlinePolicyOperations } from './operations/inline-policies.ts';
import { instanceProfileOperations } from './operations/instance-profiles.ts';
import { policyOperations } from './operations/policies.ts';
import { policyVersionOperations } from './operations/policy-versions.ts';
import { roleData } from './operations/role-view.ts';
import { roleOperations } from './operations/roles.ts';
import { serviceCredentialOperations } from './operations/service-credentials.ts';
import { serviceLinkedRoleOperations } from './operations/service-linked-roles.ts';
import { tagOperations } from './operations/tags.ts';
import { userOperations } from './operations/users.ts';
import { ensureRootKey, type RootKey } from './root-key.ts';
import { arnOf } from './rules/names.ts';
import { serviceCredentialVerifier, type VerifyServiceCredential } from './service-credentials.ts';
import { createSessions } from './sessions.ts';
import { migrations } from './tables.ts';
import type { IamTools } from './tools.ts';

/** A role as STS needs it. */
export interface AssumableRole {
  readonly arn: string;
  /** `AROA…` */
  readonly id: string;
  readonly maxSessionSeconds: number;
}

export interface Iam {
  readonly service: Service<Api>;
  readonly credentials: Credentials;
  readonly sessions: Sessions;
  readonly authorise: Authorise;
  /** Makes the root's access key at the first start; later answers the same. `known` is put back where the database was emptied. */
  ensureRootKey(account: string, known?: RootKey): Promise<RootKey>;
  /** Whose git credentials these are; undefined for wrong or inactive ones. */
  readonly verifyServiceCredential: VerifyServiceCredential;
  readonly findRole: (account: string, name: string) => Promise<AssumableRole | undefined>;
}

/** Keys that are in use at a time; beyond, all are read again. */
const CACHED_KEYS = 10_000;
/** Git logins that are remembered at a time. */
const CACHED_LOGINS = 1000;

function operationsOf(tools: IamTools): Partial<Api> {
  return {
    ...userOperations(tools),
    ...accessKeyOperations(tools),
    ...serviceCredentialOperations(tools),
    ...roleOperations(tools),
    ...serviceLinkedRoleOperations(tools),
    ...groupOperations(tools),
    ...inlinePolicyOperations(tools),
    ...policyOperations(tools),
    ...policyVersionOperations(tools),
    ...attachmentOperations(tools),
    ...instanceProfileOperations(tools),
    ...tagOperations(tools),
  };
}

/** AWS Identity and Access Management, and the ports it implements. */
export function createIam(tools: IamTools): Iam {
  const lastUse = new LastUse(tools);
  const cache = new CredentialCache<Credential>(tools.commits, CACHED_KEYS);
  const logins = new CredentialCache<Principal>(tools.commits, CACHED_LOGINS);
  return {
    service: {
      model,
      migrations,
      operations: operationsOf(tools),
      async start() {
        cache.clear();
        logins.clear();
      },
      stop: () => lastUse.settled(),
    },
    credentials: createCredentials(tools, cache, lastUse),
    sessions: createSessions(tools, cache),
    authorise(request) {
      lastUse.note(request);
      return decide(request);
    },
    ensureRootKey: (account, known) => ensureRootKey(tools, account, known),
    verifyServiceCredential: serviceCredentialVerifier(tools, logins),
    findRole: async (account, name) => {
      const row = await findEntity(tools, account, 'role', name);
      return row && { arn: arnOf(row), id: row.id, maxSessionSeconds: roleData(row).maxSessionSeconds };
    },
  };
}
