import type { Reader } from '../../ports/database.ts';
import type { Project } from './api.gen.ts';
import type { Leases } from './leases.ts';
import { sql } from './tables.ts';

/** Tells the queue the limits of all projects that have one. */
export async function loadLimits(db: Reader, leases: Leases): Promise<void> {
  type Row = { readonly account: string; readonly region: string; readonly name: string; readonly data: string };
  for (const { account, region, name, data } of await db.all<Row>(sql.limitedProjects))
    leases.limit(`${account}/${region}/${name}`, (JSON.parse(data) as Project).concurrentBuildLimit);
}
