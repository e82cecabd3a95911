import { write, type Write } from '../../../ports/database.ts';
import { sandboxView } from '../rules/build/sandbox-view.ts';
import type { BuildState } from '../rules/build/state.ts';
import { sandboxSql as sql } from './tables.ts';

/** A sandbox's row: what it is by now. */
export function projectSandbox(state: BuildState): readonly Write[] {
  const { account, region, project, uuid, token } = state.spec!;
  const data = JSON.stringify(sandboxView(state));
  return [write(sql.upsert, [account, region, `${project}:${uuid}`, project, state.submittedAt, token ?? null, data], { label: 'token' })];
}
