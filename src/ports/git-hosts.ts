import type { Arn } from '../kernel/arn.ts';
import type { ChangeRange, HookPlace, MadeHook, NewHook } from '../kernel/git-hooks/host.ts';
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

/** Git hosts through their APIs, for whoever holds a token of his own or may use a connection. All reject with code HostUnreachable where there is no answer. */
export interface GitHosts {
  /** What a connection opens; rejects as `GitConnections` does. */
  ofConnection(connectionArn: Arn, user: ConnectionUser): Promise<GitHostAccess>;
  /** How git reaches a repository there: its URL, and what to say. */
  git(host: GitHostAccess, repository: string): { readonly url: string; readonly username: string; readonly password: string };
  /** Tells a commit's status; rejects with code StatusRefused (another try may help) or StatusImpossible (none will). */
  report(host: GitHostAccess, status: CommitStatus, signal?: AbortSignal): Promise<void>;
  /** Makes the host call a URL, or changes the webhook of this id that does. Rejects with code HostRefused. */
  putHook(host: GitHostAccess, place: HookPlace, hook: NewHook, id?: string): Promise<MadeHook>;
  /** One that is not there any more is removed already. Rejects with code HostRefused. */
  removeHook(host: GitHostAccess, place: HookPlace, id: string): Promise<void>;
  /** The paths that changed. Rejects with code HostRefused, also where there are more than the host tells. */
  changedFiles(host: GitHostAccess, repository: string, range: ChangeRange, signal?: AbortSignal): Promise<readonly string[]>;
  /** Rejects with code HostRefused. */
  commitMessage(host: GitHostAccess, repository: string, commit: string, signal?: AbortSignal): Promise<string>;
  /** Somebody's role in a repository, in the host's own word (`write`, `maintainer`); undefined for strangers. Rejects with code HostRefused. */
  role(host: GitHostAccess, repository: string, user: string, signal?: AbortSignal): Promise<string | undefined>;
}
