import { formatArn, parseArn } from '../../../kernel/arn.ts';
import type { Reader } from '../../../ports/database.ts';
import { errors, type Fleet, type ProjectEnvironment } from '../api.gen.ts';
import type { Leases } from '../leases.ts';
import { capacityOf, type FleetSettings } from '../rules/fleet.ts';
import { fleetSql as sql, type FleetRow } from './tables.ts';

export function settingsOf({ data }: FleetRow): FleetSettings {
  return JSON.parse(data) as FleetSettings;
}

/** `arn:aws:codebuild:REGION:ACCOUNT:fleet/NAME:ID` */
export function fleetArn({ region, account, name, id }: Pick<FleetRow, 'region' | 'account' | 'name' | 'id'>): string {
  return formatArn('codebuild', region, account, `fleet/${name}:${id}`);
}

export function fleetView(row: FleetRow): Fleet {
  const { scalingConfiguration, ...settings } = settingsOf(row);
  return {
    ...settings,
    overflowBehavior: settings.overflowBehavior ?? 'QUEUE',
    arn: fleetArn(row),
    name: row.name,
    id: row.id,
    created: row.created,
    lastModified: row.modified,
    status: { statusCode: 'ACTIVE' },
    ...(scalingConfiguration && { scalingConfiguration: { ...scalingConfiguration, desiredCapacity: settings.baseCapacity } }),
  };
}

interface Place {
  readonly account: string;
  readonly region: string;
}

/** A fleet by its name or its ARN. */
export async function findFleet(db: Reader, { account, region }: Place, nameOrArn: string): Promise<FleetRow | undefined> {
  if (!nameOrArn.startsWith('arn:')) return db.get<FleetRow>(sql.get, account, region, nameOrArn);
  const parts = parseArn(nameOrArn);
  const match = /^fleet\/([^:/]+):(.+)$/.exec(parts?.resource ?? '');
  if (parts?.service !== 'codebuild' || parts.account !== account || parts.region !== region || !match) return undefined;
  const row = await db.get<FleetRow>(sql.get, account, region, match[1]!);
  return row?.id === match[2] ? row : undefined;
}

/** Tells the queue what a fleet is by now. */
export function announce(leases: Leases, row: FleetRow): void {
  const settings = settingsOf(row);
  const overflows = settings.overflowBehavior === 'ON_DEMAND';
  leases.fleet(fleetArn(row), { capacity: capacityOf(settings), overflows, dedicated: row.dedicated === 1 });
}

/** Tells the queue of all fleets. */
export async function loadFleets(db: Reader, leases: Leases): Promise<void> {
  for (const row of await db.all<FleetRow>(sql.all)) announce(leases, row);
}

/** Throws InvalidInputException where builds are to run on a fleet that is not there. */
export async function requireFleet(db: Reader, place: Place, { fleet }: Pick<ProjectEnvironment, 'fleet'>): Promise<void> {
  const arn = fleet?.fleetArn ?? '';
  if (arn === '') return;
  if (!arn.startsWith('arn:') || !(await findFleet(db, place, arn))) throw errors.InvalidInputException(`Fleet cannot be found: ${arn}`);
}
