import { write } from '../../../ports/database.ts';
import { errors, type Api } from '../api.gen.ts';
import { commitOr, deleteEntity, insertEntity, newEntity } from '../entities.ts';
import { serviceLinkedName, serviceLinkedTrust } from '../rules/service-linked.ts';
import { noSuch } from '../rules/errors.ts';
import { attachmentSql, deletionSql } from '../tables.ts';
import type { IamTools } from '../tools.ts';
import { roleView, type RoleData } from './role-view.ts';
import { SERVICE_ROLE_PATH, theRole } from './the-role.ts';

type Operations = Pick<Api, 'createServiceLinkedRole' | 'deleteServiceLinkedRole' | 'getServiceLinkedRoleDeletionStatus'>;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html */
export function serviceLinkedRoleOperations(tools: IamTools): Operations {
  return {
    async createServiceLinkedRole({ AWSServiceName, Description, CustomSuffix }, { account }) {
      const name = serviceLinkedName(AWSServiceName, CustomSuffix);
      if (name === undefined) throw errors.InvalidInputException(`${AWSServiceName} has no service-linked role here.`);
      const data: RoleData = {
        trust: serviceLinkedTrust(AWSServiceName),
        ...(Description !== undefined && { description: Description }),
        maxSessionSeconds: 3600,
      };
      const row = newEntity(tools, { account, kind: 'role', name, path: `${SERVICE_ROLE_PATH}${AWSServiceName}/`, data });
      await commitOr(tools, [insertEntity(row)], () =>
        errors.InvalidInputException(`Service role name ${name} has been taken in this account, please try a different suffix.`),
      );
      return { Role: roleView(row) };
    },
    async deleteServiceLinkedRole({ RoleName }, ctx) {
      const row = await theRole(tools, ctx, RoleName);
      if (!row.path.startsWith(SERVICE_ROLE_PATH)) throw noSuch('role', RoleName);
      const task = `task${row.path}${RoleName}/${tools.ids.uuid()}`;
      const unit = [write(attachmentSql.deleteOf, [row.id]), write(deletionSql.insert, [ctx.account, task])];
      await deleteEntity(tools, row, unit);
      return { DeletionTaskId: task };
    },
    async getServiceLinkedRoleDeletionStatus({ DeletionTaskId }, { account }) {
      // A task is recorded by the commit that deletes its role: whichever is known has succeeded.
      const found = await tools.db.get(deletionSql.find, account, DeletionTaskId);
      if (!found) throw errors.NoSuchEntityException(`The deletion task ${DeletionTaskId} cannot be found.`);
      return { Status: 'SUCCEEDED' };
    },
  };
}
