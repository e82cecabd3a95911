import { parseArn, type Arn } from '../../kernel/arn.ts';
import { PipewrightError } from '../../kernel/errors.ts';
import { connectionId, type ConnectionUser } from '../../ports/connections.ts';
import type { Principal } from '../../ports/authorise.ts';
import { principalOf } from '../../protocol/in-process.ts';
import type { ProviderType } from './api.gen.ts';
import type { OpenHost } from './requests.ts';
import { providerFacts } from './rules/provider.ts';
import { sql, type ConnectionRow, type HostRow, type SecretRow } from './tables.ts';
import type { ConnectionTools } from './tools.ts';

/** A connection with its secrets, for as long as a request takes. */
export interface OpenConnection extends OpenHost {
  readonly row: ConnectionRow;
  /** The server's base URL, without a slash at the end. */
  readonly web: string;
  /** The user name for git. */
  readonly gitUser: string;
}

const unavailable = (message: string) => new PipewrightError('ConnectionUnavailable', message);

export function sessionOf({ account, region, role }: ConnectionUser): Principal {
  return principalOf({ ...(role !== undefined && { role }), session: 'codepipeline-source', purpose: 'pipeline', account, region });
}

/** Opens a connection for somebody of its account who may use it. Rejects with ConnectionUnavailable or AccessDenied. */
export async function openConnection(tools: ConnectionTools, arn: Arn, principal: Principal): Promise<OpenConnection> {
  const parts = parseArn(arn);
  const id = connectionId(arn);
  const found = id === undefined ? undefined : await tools.db.get<ConnectionRow>(sql.connectionById, id);
  if (!parts || !found || found.account !== parts.account || found.region !== parts.region || principal.account !== found.account)
    throw unavailable(`The connection ${arn} does not exist.`);
  const decision = tools.authorise({ principal, action: `${parts.service}:UseConnection`, region: found.region });
  if (!decision.allowed) throw new PipewrightError('AccessDenied', decision.message);
  const stored = await tools.db.get<SecretRow>(sql.secrets, found.id);
  if (found.status !== 'AVAILABLE' || !stored)
    throw unavailable(
      `The connection ${arn} is ${found.status}. Complete it: pipewright connect ${found.name} --provider ${found.provider} --token-file FILE`,
    );
  return opened(tools, found, stored);
}

async function opened({ db, secrets }: ConnectionTools, row: ConnectionRow, stored: SecretRow): Promise<OpenConnection> {
  const facts = providerFacts(row.provider as ProviderType);
  const host = row.host === null ? undefined : await db.get<HostRow>(sql.host, row.account, row.region, row.host);
  const web = stored.endpoint ?? host?.endpoint ?? facts?.web;
  if (!facts || web === undefined) throw unavailable(`The connection ${row.name} has no server to go to.`);
  const username = stored.username ?? undefined;
  return {
    row,
    provider: row.provider,
    dialect: facts.dialect,
    web,
    api: facts.api(web),
    token: secrets.open(stored.token),
    gitUser: username ?? facts.username,
    username,
  };
}
