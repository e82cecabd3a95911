import type { Arn } from '../kernel/arn.ts';
import type { CommitStatus, ConnectionUser } from './connections.ts';

/** A git host and what opens it. Secret: it goes to the host and nowhere else. */
export interface GitHostAccess {
  /** AWS's word for the host: `GitHub`, `GitLabSelfManaged`, … */
  readonly providerType: string;
  /** The server's base URL (https, or http for servers that are reached so), without a slash at the end. */
  readonly server: string;
  readonly token: string;
  /** Where the token belongs to an account rather than standing for itself. */
  readonly username?: string;
}

/** Git hosts through their APIs, for whoever holds a token of his own or may use a connection. */
export interface GitHosts {
  /** What a connection opens; rejects as `GitConnections` does. */
  ofConnection(connectionArn: Arn, user: ConnectionUser): Promise<GitHostAccess>;
  /** How git reaches a repository there: its URL, and what to say. */
  git(host: GitHostAccess, repository: string): { readonly url: string; readonly username: string; readonly password: string };
  /** Tells a commit's status; rejects with code StatusRefused or HostUnreachable (another try may help) or StatusImpossible (none will). */
  report(host: GitHostAccess, status: CommitStatus, signal?: AbortSignal): Promise<void>;
}
