import { describe, expect, it } from 'vitest';
import type { BuildJob } from '../../services/pipewright/api.gen.ts';
import { githubFacts, githubVariables } from './facts.ts';
import { actionUrl } from './for-build.ts';

const SHA = 'a'.repeat(40);

function factsOf(source: BuildJob['source'], builtin: Readonly<Record<string, string>> = {}) {
  const builtinVariables = Object.entries(builtin).map(([name, value]) => ({ name, value }));
  const job = { source, builtinVariables, account: '1', projectName: 'p', buildNumber: 4, initiator: 'me' } as unknown as BuildJob;
  return githubFacts({ job, revision: SHA, workspace: '/w', token: 't', eventPath: '/e', phase: 'build' });
}

describe('the github context', () => {
  it.each([
    ['https://github.com/some/thing.git', 'some/thing', 'https://github.com', 'https://api.github.com'],
    [
      'https://user:word@git.example.com:8443/group/some/thing',
      'some/thing',
      'https://git.example.com:8443',
      'https://git.example.com:8443/api/v3',
    ],
    ['git@git.example.com:some/thing.git', 'some/thing', 'https://git.example.com', 'https://git.example.com/api/v3'],
    ['ssh://git@git.example.com:22/some/thing/', 'some/thing', 'https://git.example.com', 'https://git.example.com/api/v3'],
  ])('of %s', (location, repository, server, api) => {
    expect(factsOf({ kind: 'GIT', location })).toMatchObject({
      repository,
      repository_owner: 'some',
      server_url: server,
      api_url: api,
      sha: SHA,
    });
  });

  it('of a repository of CodeCommit takes the account for its owner', () => {
    const location = 'https://git-codecommit.us-east-1.amazonaws.com/v1/repos/thing';
    expect(factsOf({ kind: 'CODECOMMIT', location })).toMatchObject({ repository: '1/thing' });
  });

  it('knows no repository where the source is none', () => {
    const facts = factsOf({ kind: 'NO_SOURCE', version: 'main' });
    for (const name of ['repository', 'ref', 'ref_name']) expect(facts).not.toHaveProperty(name);
    expect(facts).toMatchObject({ event_name: 'workflow_dispatch', run_id: '4', actor: 'me', workflow: 'p', head_ref: '' });
  });

  const location = 'https://github.com/some/thing';
  it.each([
    ['main', 'refs/heads/main', 'main', 'branch'],
    ['refs/tags/v1', 'refs/tags/v1', 'v1', 'tag'],
    ['pr/3', 'refs/pull/3/merge', '3/merge', 'branch'],
    [`refs/heads/a^{${SHA}}`, 'refs/heads/a', 'a', 'branch'],
  ])('of version %s', (version, ref, name, type) => {
    expect(factsOf({ kind: 'GIT', location, version })).toMatchObject({ ref, ref_name: name, ref_type: type });
  });

  it('of a webhook names its event, branches and sender', () => {
    const builtin = {
      CODEBUILD_WEBHOOK_EVENT: 'PULL_REQUEST_CREATED',
      CODEBUILD_WEBHOOK_HEAD_REF: 'refs/heads/mine',
      CODEBUILD_WEBHOOK_BASE_REF: 'refs/heads/main',
      CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID: '99',
    };
    expect(factsOf({ kind: 'GIT', location, version: 'pr/5' }, builtin)).toMatchObject({
      event_name: 'pull_request',
      head_ref: 'mine',
      base_ref: 'main',
      actor: '99',
      ref: 'refs/pull/5/merge',
    });
  });

  it('keeps the token out of the variables', () => {
    const variables = githubVariables(factsOf({ kind: 'GIT', location }));
    expect(variables).toMatchObject({ GITHUB_REPOSITORY: 'some/thing', GITHUB_WORKSPACE: '/w', GITHUB_RUN_NUMBER: '4' });
    expect(variables).not.toHaveProperty('GITHUB_TOKEN');
  });
});

it('actions are below a base, or where a template says', () => {
  const wish = { owner: 'o', repository: 'r' };
  expect(actionUrl('https://github.com', wish)).toBe('https://github.com/o/r');
  expect(actionUrl('https://mirror.example.com/git//', wish)).toBe('https://mirror.example.com/git/o/r');
  expect(actionUrl('https://git-codecommit.us-east-1.amazonaws.com/v1/repos/{owner}-{repository}', wish)).toMatch(/\/v1\/repos\/o-r$/);
});
