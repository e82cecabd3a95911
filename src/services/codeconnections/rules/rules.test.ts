import { describe, expect, it } from 'vitest';
import { isRepositoryId, needsHost, providerFacts, serverUrl } from './provider.ts';
import { statusRequest, statusVerdict, tokenHeaders, type Status } from './status-request.ts';

const COMMIT = 'c'.repeat(40);
const status: Status = {
  repository: 'acme/shop',
  commit: COMMIT,
  state: 'failure',
  context: 'pipewright/p/Build',
  description: 'd'.repeat(200),
  url: 'http://here',
};
const digest = () => '12345678abcdef';
const short = 'd'.repeat(140);

describe('a status', () => {
  it('is told to each host in its own way', () => {
    const body = { state: 'failure', context: status.context, description: short };
    expect(statusRequest('github', status, digest)).toEqual({ path: `/repos/acme/shop/statuses/${COMMIT}`, body });
    expect(statusRequest('gitea', status, digest)).toEqual({ path: `/repos/acme/shop/statuses/${COMMIT}`, body });
    expect(statusRequest('gitlab', { ...status, state: 'pending' }, digest)).toEqual({
      path: `/projects/acme%2Fshop/statuses/${COMMIT}`,
      body: { state: 'running', name: status.context, description: short },
    });
    expect(statusRequest('bitbucket', status, digest)).toEqual({
      path: `/repositories/acme/shop/commit/${COMMIT}/statuses/build`,
      body: { key: status.context, name: status.context, state: 'FAILED', description: short, url: 'http://here' },
    });
  });

  it('has a key that Bitbucket takes, however long its context', () => {
    const { key } = statusRequest('bitbucket', { ...status, context: `pipewright/${'p'.repeat(60)}/Build` }, digest).body as {
      key: string;
    };
    expect(key).toHaveLength(40);
    expect(key.endsWith('-12345678')).toBe(true);
  });

  it('is told again after everything but its own fault', () => {
    expect([201, 401, 403, 404, 429, 500].map((code) => statusVerdict('github', code, ''))).toEqual([
      'told',
      'again',
      'again',
      'again',
      'again',
      'again',
    ]);
    expect(statusVerdict('github', 422, 'No commit found')).toBe('impossible');
    expect(statusVerdict('gitlab', 400, 'Cannot transition status via :run from :running')).toBe('told');
    expect(statusVerdict('gitlab', 400, 'bad')).toBe('impossible');
  });

  it('goes with the token in the header of the host', () => {
    expect(tokenHeaders('github', 't', undefined).authorization).toBe('Bearer t');
    expect(tokenHeaders('gitea', 't', undefined).authorization).toBe('token t');
    expect(tokenHeaders('gitlab', 't', undefined)).toEqual({ 'private-token': 't' });
    expect(tokenHeaders('bitbucket', 't', undefined).authorization).toBe('Bearer t');
    expect(tokenHeaders('bitbucket', 't', 'ada').authorization).toBe(`Basic ${Buffer.from('ada:t').toString('base64')}`);
  });
});

describe('providers', () => {
  it('have their API beside the web or below it', () => {
    expect(providerFacts('GitHub')?.api('https://github.com')).toBe('https://api.github.com');
    expect(providerFacts('GitHubEnterpriseServer')?.api('https://git.lan')).toBe('https://git.lan/api/v3');
    expect(providerFacts('Bitbucket')?.api('https://bitbucket.org')).toBe('https://api.bitbucket.org/2.0');
    expect(providerFacts('Forgejo')?.api('http://forge:3000/x')).toBe('http://forge:3000/x/api/v1');
    expect(providerFacts('AzureDevOps')).toBeUndefined();
  });

  it('that people run themselves need a host', () => {
    expect((['GitHub', 'GitLab', 'Bitbucket'] as const).map(needsHost)).toEqual([false, false, false]);
    expect((['GitHubEnterpriseServer', 'GitLabSelfManaged', 'Gitea', 'Forgejo'] as const).map(needsHost)).toEqual([true, true, true, true]);
  });

  it.each([
    ['https://git.example.com/', 'https://git.example.com'],
    ['http://forge:3000/sub/', 'http://forge:3000/sub'],
    ['https://user:secret@git.example.com', undefined],
    ['ssh://git.example.com', undefined],
    ['https://git.example.com/?a=1', undefined],
    ['git.example.com', undefined],
  ])('are at %s', (given, kept) => {
    expect(serverUrl(given)).toBe(kept);
  });

  it.each([
    ['acme/shop', true],
    ['acme/tools/shop.js', true],
    ['shop', false],
    ['acme/../shop', false],
    ['acme//shop', false],
    ['acme/shop?x=1', false],
    ['acme/sh op', false],
  ])('have the repository %s: %s', (name, expected) => {
    expect(isRepositoryId(name)).toBe(expected);
  });
});
