import { WriteConflict, write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type UpdateFleetInput, type UpdateFleetOutput } from '../api.gen.ts';
import { announce, fleetArn, fleetView, findFleet, settingsOf } from '../fleets/fleets.ts';
import { fleetSql as sql, type FleetRow } from '../fleets/tables.ts';
import { validateFleet, type FleetSettings } from '../rules/fleet.ts';
import { isNoVpc } from '../rules/project/settings.ts';
import type { OperationTools } from './tools.ts';

type Operations = Pick<Api, 'createFleet' | 'updateFleet' | 'deleteFleet' | 'batchGetFleets' | 'listFleets'>;

const PAGE = 100;

function given<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** A configuration that says nothing takes an earlier one away. */
function withoutEmpty({ scalingConfiguration: scaling, vpcConfig: vpc, proxyConfiguration: proxy, ...rest }: FleetSettings): FleetSettings {
  return {
    ...rest,
    ...(scaling && Object.keys(scaling).length > 0 && { scalingConfiguration: scaling }),
    ...(vpc && !isNoVpc(vpc) && { vpcConfig: vpc }),
    ...(proxy && Object.keys(proxy).length > 0 && { proxyConfiguration: proxy }),
  };
}

async function update(
  { db, commits, clock, leases }: OperationTools,
  input: UpdateFleetInput,
  ctx: CallContext,
): Promise<UpdateFleetOutput> {
  const { arn, ...changes } = input;
  const before = await findFleet(db, ctx, arn);
  if (!before) throw errors.ResourceNotFoundException(`Fleet cannot be found: ${arn}`);
  const settings = withoutEmpty({ ...settingsOf(before), ...given(changes) });
  validateFleet(settings);
  const row: FleetRow = { ...before, modified: clock.now(), data: JSON.stringify(settings) };
  await commits.commit([write(sql.update, [row.modified, row.data, ctx.account, ctx.region, row.name, row.id], { expect: 1 })]);
  announce(leases, row);
  return { fleet: fleetView(row) };
}

function order(rows: readonly FleetRow[], by: string | undefined, descending: boolean): readonly string[] {
  const key = (row: FleetRow) => (by === 'CREATED_TIME' ? row.created : by === 'LAST_MODIFIED_TIME' ? row.modified : row.name);
  const sorted = rows.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.name < b.name ? -1 : 1));
  return (descending ? sorted.toReversed() : sorted).map(fleetArn);
}

export function fleetOperations(tools: OperationTools): Operations {
  const { db, commits, ids, clock, leases } = tools;
  return {
    async createFleet({ name, ...input }, ctx) {
      const settings = withoutEmpty(given(input));
      validateFleet(settings);
      const { account, region } = ctx;
      const now = clock.now();
      const row: FleetRow = {
        account,
        region,
        name,
        id: ids.uuid(),
        created: now,
        modified: now,
        dedicated: 0,
        data: JSON.stringify(settings),
      };
      try {
        await commits.commit([write(sql.insert, [account, region, name, row.id, now, now, row.data])]);
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error;
        throw errors.ResourceAlreadyExistsException(`Fleet already exists: ${name}`);
      }
      announce(leases, row);
      return { fleet: fleetView(row) };
    },

    updateFleet: (input, ctx) => update(tools, input, ctx),

    async deleteFleet({ arn }, ctx) {
      const row = await findFleet(db, ctx, arn);
      if (!row) return {};
      await commits.commit([write(sql.delete, [ctx.account, ctx.region, row.name, row.id])]);
      leases.fleet(fleetArn(row), undefined);
      return {};
    },

    async batchGetFleets({ names }, ctx) {
      const found = await Promise.all(names.map((name) => findFleet(db, ctx, name)));
      return {
        fleets: found.flatMap((row) => (row ? [fleetView(row)] : [])),
        fleetsNotFound: names.filter((_, index) => !found[index]),
      };
    },

    async listFleets({ sortBy, sortOrder, nextToken, maxResults = PAGE }, ctx) {
      const scope = `codebuild:fleets:${sortBy ?? ''}:${sortOrder ?? ''}`;
      const from = Number(decodePageToken(scope, nextToken, () => errors.InvalidInputException('Invalid token.')) ?? 0);
      const arns = order(await db.all<FleetRow>(sql.ofPlace, ctx.account, ctx.region), sortBy, sortOrder === 'DESCENDING');
      const end = from + maxResults;
      return { fleets: arns.slice(from, end), ...(arns.length > end && { nextToken: encodePageToken(scope, end) }) };
    },
  };
}
