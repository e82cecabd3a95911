import type { Arn } from '../kernel/arn.ts';
import type { RemoteAccess } from './git.ts';

/** Who wants to use a connection: a pipeline's role, in its account and region. */
export interface ConnectionUser {
  readonly account: string;
  readonly region: string;
  /** Without one, the account itself. */
  readonly role?: Arn;
}

/** A repository behind a connection. The access is secret: it goes to git and nowhere else. */
export interface ConnectedRepository {
  /** https (http for servers that are connected so), without credentials. */
  readonly url: string;
  readonly access: RemoteAccess;
  /** AWS's word for the host: `GitHub`, `GitLabSelfManaged`, … */
  readonly providerType: string;
}

export interface CommitStatus {
  readonly repository: string;
  /** 40 hex digits. */
  readonly commit: string;
  readonly state: 'pending' | 'success' | 'failure' | 'error';
  /** What tells this status from the commit's others. */
  readonly context: string;
  readonly description: string;
  /** The server's own address, for hosts that insist on a link. */
  readonly url: string;
  /** Where the status leads people, instead. */
  readonly targetUrl?: string;
}

/** Connections to git hosts, as those who use them see them. Rejects with code ConnectionUnavailable where there is none or it is not AVAILABLE, AccessDenied where the role may not use it. */
export interface GitConnections {
  repository(connectionArn: Arn, repository: string, user: ConnectionUser): Promise<ConnectedRepository>;
  /** Tells the git host; rejects with code StatusRefused or HostUnreachable (another try may help) or StatusImpossible (none will). */
  report(connectionArn: Arn, status: CommitStatus, user: ConnectionUser, signal?: AbortSignal): Promise<void>;
  /** Makes the host call a URL at each push, unless it does already. Rejects with code HostRefused or HostUnreachable. */
  register(
    connectionArn: Arn,
    repository: string,
    hook: { readonly url: string; readonly secret?: string },
    user: ConnectionUser,
  ): Promise<void>;
  deregister(connectionArn: Arn, repository: string, url: string, user: ConnectionUser): Promise<void>;
}

/** `id` of a connection's ARN, in either spelling of the service; undefined for other texts. */
export function connectionId(arn: Arn): string | undefined {
  return /^arn:aws[\w-]*:(?:codestar-connections|codeconnections):[\w-]*:\d{12}:connection\/([\w-]+)$/.exec(arn)?.[1];
}
