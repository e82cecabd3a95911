import type { Migration } from '../../ports/database.ts';
import { badgeMigrations, projectExtraMigrations } from './badges/tables.ts';
import { fleetMigrations } from './fleets/tables.ts';
import { batchMigrations } from './batch-tables.ts';
import { sandboxMigrations } from './sandboxes/tables.ts';
import { migrations } from './tables.ts';
import { reportMigrations } from './report-tables.ts';
import { resourcePolicyMigrations } from './resource-policies/tables.ts';
import { sourceCredentialMigrations } from './source-credentials/tables.ts';
import { webhookMigrations } from './webhooks/tables.ts';

/** The tables of all of CodeBuild. */
export const codebuildMigrations: readonly Migration[] = [
  ...migrations,
  ...reportMigrations,
  ...sourceCredentialMigrations,
  ...webhookMigrations,
  ...projectExtraMigrations,
  ...resourcePolicyMigrations,
  ...fleetMigrations,
  ...sandboxMigrations,
  ...batchMigrations,
  ...badgeMigrations,
];
