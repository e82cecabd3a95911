import { PipewrightError } from '../../kernel/errors.ts';
import type { GitHostAccess } from '../../ports/git-hosts.ts';
import type { ProviderType } from './api.gen.ts';
import type { OpenHost } from './requests.ts';
import { providerFacts } from './rules/provider.ts';

/** What we know of a host; throws with code ConnectionUnavailable for one that we cannot talk to. */
export function factsOf({ providerType }: GitHostAccess) {
  const facts = providerFacts(providerType as ProviderType);
  if (!facts) throw new PipewrightError('ConnectionUnavailable', `The git host ${providerType} is none that can be talked to.`);
  return facts;
}

export function openHost(access: GitHostAccess): OpenHost {
  const { dialect, api } = factsOf(access);
  return { provider: access.providerType, dialect, api: api(access.server), token: access.token, username: access.username };
}
