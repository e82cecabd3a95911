import { PipewrightError } from '../../../kernel/errors.ts';
import type { CommitStatus } from '../../../ports/connections.ts';
import type { HookPlace, MadeHook, NewHook } from '../../../kernel/git-hooks/host.ts';
import type { GitHostAccess, GitHosts } from '../../../ports/git-hosts.ts';

const refused = (message: string) => new PipewrightError('HostRefused', message);

/** Git hosts in memory: what they were told can be looked at, what they tell can be set. */
export class Hosts implements GitHosts {
  /** By the connection's ARN. */
  readonly connections = new Map<string, GitHostAccess>();
  readonly told: { readonly host: GitHostAccess; readonly status: CommitStatus }[] = [];
  readonly hooks = new Map<string, { readonly place: HookPlace; readonly hook: NewHook }>();
  /** By what was asked: `pull 7`, `FROM..TO`. */
  readonly files = new Map<string, readonly string[]>();
  readonly messages = new Map<string, string>();
  readonly roles = new Map<string, string>();
  /** Webhooks are not taken, with this message. */
  refusal: string | undefined;

  async ofConnection(arn: string): Promise<GitHostAccess> {
    const host = this.connections.get(arn);
    if (!host) throw new PipewrightError('ConnectionUnavailable', `The connection ${arn} does not exist.`);
    return host;
  }

  git({ server, token, username = 'token' }: GitHostAccess, repository: string) {
    return { url: `${server}/${repository}.git`, username, password: token };
  }

  async report(host: GitHostAccess, status: CommitStatus): Promise<void> {
    this.told.push({ host, status });
  }

  async putHook(host: GitHostAccess, place: HookPlace, hook: NewHook, id = String(this.hooks.size + 1)): Promise<MadeHook> {
    if (this.refusal !== undefined) throw refused(this.refusal);
    this.hooks.set(id, { place, hook });
    return { id, url: `${host.server}/hooks/${id}` };
  }

  async removeHook(_: GitHostAccess, __: HookPlace, id: string): Promise<void> {
    if (this.refusal !== undefined) throw refused(this.refusal);
    this.hooks.delete(id);
  }

  async changedFiles(_: GitHostAccess, __: string, range: { pull: string } | { from: string; to: string }): Promise<readonly string[]> {
    const found = this.files.get('pull' in range ? `pull ${range.pull}` : `${range.from}..${range.to}`);
    if (!found) throw refused('No files are known.');
    return found;
  }

  async commitMessage(_: GitHostAccess, __: string, commit: string): Promise<string> {
    const found = this.messages.get(commit);
    if (found === undefined) throw refused('No message is known.');
    return found;
  }

  async role(_: GitHostAccess, __: string, user: string): Promise<string | undefined> {
    return this.roles.get(user);
  }
}
