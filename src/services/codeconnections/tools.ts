import { formatArn, parseArn, type Arn } from '../../kernel/arn.ts';
import type { Authorise } from '../../ports/authorise.ts';
import { write, type Write } from '../../ports/database.ts';
import type { SecretBox } from '../../ports/secrets.ts';
import type { CallContext } from '../../protocol/context.ts';
import type { ServiceTools } from '../../protocol/service.ts';
import { errors, type TagList } from './api.gen.ts';
import { sql, type ConnectionRow, type HostRow } from './tables.ts';

export interface ConnectionTools extends ServiceTools {
  readonly secrets: SecretBox;
  readonly authorise: Authorise;
}

export type Place = Pick<CallContext, 'account' | 'region'>;

/** The service was renamed; both names are live, and lead to the same rows. */
export const SPELLINGS: readonly string[] = ['codeconnections', 'codestar-connections'];

export function connectionArn({ service, region, account, id }: ConnectionRow): Arn {
  return formatArn(service, region, account, `connection/${id}`);
}

export function hostArn({ service, region, account, id }: HostRow): Arn {
  return formatArn(service, region, account, `host/${id}`);
}

/** The id in an ARN of ours in the caller's account and region; undefined for others. */
export function idOf(arn: Arn, kind: 'connection' | 'host', place: Place): string | undefined {
  const parts = parseArn(arn);
  if (!parts || !SPELLINGS.includes(parts.service) || parts.account !== place.account || parts.region !== place.region) return undefined;
  return parts.resource.startsWith(`${kind}/`) ? parts.resource.slice(kind.length + 1) : undefined;
}

/** Throws ResourceNotFoundException. */
export async function requireConnection({ db }: ConnectionTools, arn: Arn, place: Place): Promise<ConnectionRow> {
  const id = idOf(arn, 'connection', place);
  const row = id === undefined ? undefined : await db.get<ConnectionRow>(sql.connection, place.account, place.region, id);
  if (!row) throw errors.ResourceNotFoundException(`No connection found for arn: ${arn}`);
  return row;
}

/** Throws ResourceNotFoundException. */
export async function requireHost({ db }: ConnectionTools, arn: Arn, place: Place): Promise<HostRow> {
  const id = idOf(arn, 'host', place);
  const row = id === undefined ? undefined : await db.get<HostRow>(sql.host, place.account, place.region, id);
  if (!row) throw errors.ResourceNotFoundException(`No host found for arn: ${arn}`);
  return row;
}

/** `resource` is the id of a connection or a host: its ARN has two spellings. */
export function tagWrites(resource: string, tags: TagList = []): Write[] {
  return tags.map(({ Key, Value }) => write(sql.putTag, [resource, Key, Value]));
}
