import type { Dialect } from '../../../kernel/git-hooks/dialect.ts';
import type { ProviderType } from '../api.gen.ts';

interface ProviderFacts {
  readonly dialect: Dialect;
  /** Where everybody's server is; absent for those that people run themselves. */
  readonly web?: string;
  readonly api: (web: string) => string;
  /** The user name that goes with a token over git. */
  readonly username: string;
}

const under = (path: string) => (web: string) => web + path;
const gitea: ProviderFacts = { dialect: 'gitea', api: under('/api/v1'), username: 'pipewright' };

/** Azure DevOps has an API of its own kind that we do not speak. */
const PROVIDERS: Readonly<Record<ProviderType, ProviderFacts | undefined>> = {
  GitHub: {
    dialect: 'github',
    web: 'https://github.com',
    // A server that stands in for github.com is reached as a GitHub Enterprise Server.
    api: (web) => (web === 'https://github.com' ? 'https://api.github.com' : `${web}/api/v3`),
    username: 'x-access-token',
  },
  GitHubEnterpriseServer: { dialect: 'github', api: under('/api/v3'), username: 'x-access-token' },
  GitLab: { dialect: 'gitlab', web: 'https://gitlab.com', api: under('/api/v4'), username: 'oauth2' },
  GitLabSelfManaged: { dialect: 'gitlab', api: under('/api/v4'), username: 'oauth2' },
  Bitbucket: {
    dialect: 'bitbucket',
    web: 'https://bitbucket.org',
    api: (web) => (web === 'https://bitbucket.org' ? 'https://api.bitbucket.org/2.0' : `${web}/2.0`),
    username: 'x-token-auth',
  },
  Gitea: gitea,
  Forgejo: gitea,
  AzureDevOps: undefined,
};

/** What we know of a provider; undefined for one we cannot talk to. */
export function providerFacts(provider: ProviderType): ProviderFacts | undefined {
  return PROVIDERS[provider];
}

/** Providers whose server people run themselves: their connections name a host. */
export function needsHost(provider: ProviderType): boolean {
  const facts = PROVIDERS[provider];
  return facts !== undefined && facts.web === undefined;
}

/** The base URL of a server as we keep it, or undefined where the text is none: http or https, no credentials, no query. */
export function serverUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!plain || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined;
  return url.href.replace(/\/+$/, '');
}

/** `owner/name`, with subgroups at GitLab: what may stand in a URL's path as it is. */
export function isRepositoryId(text: string): boolean {
  const parts = text.split('/');
  return text.length <= 400 && parts.length >= 2 && parts.every((part) => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part));
}
