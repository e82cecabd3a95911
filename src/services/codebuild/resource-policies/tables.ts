import { statement, type Migration } from '../../../ports/database.ts';

export const resourcePolicyMigrations: readonly Migration[] = [
  {
    id: '0006-resource-policies',
    sql: [
      `CREATE TABLE codebuild_resource_policies (account TEXT NOT NULL, region TEXT NOT NULL, resource TEXT NOT NULL, policy TEXT NOT NULL,
         PRIMARY KEY (account, region, resource))`,
    ],
  },
];

const KEY = 'account = ? AND region = ? AND resource = ?';

/** `resource` is `project/NAME` or `report-group/NAME`. */
export const resourcePolicySql = {
  put: statement(`INSERT INTO codebuild_resource_policies (account, region, resource, policy) VALUES (?, ?, ?, ?)
    ON CONFLICT (account, region, resource) DO UPDATE SET policy = excluded.policy`),
  get: statement(`SELECT policy FROM codebuild_resource_policies WHERE ${KEY}`),
  delete: statement(`DELETE FROM codebuild_resource_policies WHERE ${KEY}`),
};
