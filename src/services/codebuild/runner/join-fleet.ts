import { write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors } from '../../pipewright/api.gen.ts';
import { announce, findFleet } from '../fleets/fleets.ts';
import { fleetSql } from '../fleets/tables.ts';
import type { OperationTools } from '../operations/tools.ts';

/** A runner registers with a fleet: from now on, and for good, the fleet's builds run on such runners alone. Throws InvalidInputException. */
export async function joinFleet({ db, commits, leases }: OperationTools, ctx: CallContext, arn: string): Promise<void> {
  const row = arn.startsWith('arn:') ? await findFleet(db, ctx, arn) : undefined;
  if (!row) throw errors.InvalidInputException(`Fleet cannot be found: ${arn}`);
  if (row.dedicated === 1) return;
  await commits.commit([write(fleetSql.dedicate, [row.account, row.region, row.name, row.id], { expect: 1 })]);
  announce(leases, { ...row, dedicated: 1 });
}
