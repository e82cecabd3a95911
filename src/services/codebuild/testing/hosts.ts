import { PipewrightError } from '../../../kernel/errors.ts';
import type { CommitStatus } from '../../../ports/connections.ts';
import type { GitHostAccess, GitHosts } from '../../../ports/git-hosts.ts';

/** Git hosts in memory: what they were told can be looked at. */
export class Hosts implements GitHosts {
  /** By the connection's ARN. */
  readonly connections = new Map<string, GitHostAccess>();
  readonly told: { readonly host: GitHostAccess; readonly status: CommitStatus }[] = [];

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
}
