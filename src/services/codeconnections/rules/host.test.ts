import { describe, expect, it } from 'vitest';
import type { NewHook } from '../../../kernel/git-hooks/host.ts';
import { hooksAt, madeHook, newHookBody } from './host-hooks.ts';
import { commitPath, filesPath, readCommitMessage, readFiles, readRole, rolePath } from './host-lookups.ts';

const DIALECTS = ['github', 'gitlab', 'bitbucket', 'gitea'] as const;
const HOOK: NewHook = { url: 'https://pw.example/h', secret: 's', subjects: ['push', 'pullRequest', 'comment'] };

describe('webhooks at a host', () => {
  it.each([
    ['github', '/repos/acme/shop/hooks', '/orgs/acme/hooks'],
    ['gitea', '/repos/acme/shop/hooks', '/orgs/acme/hooks'],
    ['gitlab', '/projects/acme%2Fshop/hooks', '/groups/acme/hooks'],
    ['bitbucket', '/repositories/acme/shop/hooks', undefined],
  ] as const)('of %s are at %s and %s', (dialect, repository, organization) => {
    expect(hooksAt(dialect, { repository: 'acme/shop' })).toBe(repository);
    expect(hooksAt(dialect, { organization: 'acme' })).toBe(organization);
  });

  it('ask for what is wanted, in the host’s words', () => {
    expect(newHookBody('github', HOOK)).toMatchObject({ events: ['push', 'pull_request', 'issue_comment'], config: { secret: 's' } });
    expect(newHookBody('gitlab', { ...HOOK, subjects: ['pullRequest'] })).toEqual({
      url: HOOK.url,
      token: 's',
      push_events: false,
      merge_requests_events: true,
    });
    expect(newHookBody('bitbucket', { ...HOOK, subjects: ['push'] })).toMatchObject({ secret: 's', events: ['repo:push'] });
  });

  it('are known by what the host calls them', () => {
    expect(madeHook('github', { id: 7, url: 'https://api/hooks/7' }, 'x')).toEqual({ id: '7', url: 'https://api/hooks/7' });
    expect(madeHook('gitlab', { id: 7, url: 'https://pw.example/h' }, 'https://g/hooks')).toEqual({ id: '7', url: 'https://g/hooks/7' });
    expect(madeHook('bitbucket', { uuid: '{7}', links: { self: { href: 'https://b/7' } } }, 'x')).toEqual({
      id: '{7}',
      url: 'https://b/7',
    });
    for (const dialect of DIALECTS) expect(madeHook(dialect, {}, 'x')).toBeUndefined();
  });
});

describe('what changed', () => {
  const PULL = { pull: '7' };
  const RANGE = { from: 'main', to: 'b'.repeat(40) };

  it('is asked for by pages', () => {
    expect(filesPath('github', 'acme/shop', PULL, 2)).toBe('/repos/acme/shop/pulls/7/files?per_page=100&page=2');
    expect(filesPath('gitlab', 'a/b/c', PULL, 1)).toBe('/projects/a%2Fb%2Fc/merge_requests/7/diffs?per_page=100&page=1');
    expect(filesPath('bitbucket', 'acme/shop', { from: 'a', to: 'b' }, 1)).toBe('/repositories/acme/shop/diffstat/b..a?pagelen=100&page=1');
    expect(filesPath('github', 'acme/shop', { from: 'a/b', to: 'c' }, 1)).toBe('/repos/acme/shop/compare/a%2Fb...c');
  });

  it('is read, both names of what was renamed', () => {
    expect(readFiles('github', PULL, [{ filename: 'a', previous_filename: 'b' }])).toEqual({ files: ['a', 'b'], more: false, cut: false });
    expect(readFiles('github', RANGE, { files: [{ filename: 'a' }] }).files).toEqual(['a']);
    expect(readFiles('gitlab', RANGE, { diffs: [{ old_path: 'a', new_path: 'a' }] }).files).toEqual(['a', 'a']);
    expect(readFiles('bitbucket', PULL, { values: [{ old: null, new: { path: 'a' } }], next: 'https://…' })).toEqual({
      files: ['a'],
      more: true,
      cut: false,
    });
  });

  it('is not taken for whole where the host cuts it', () => {
    const many = (length: number) => Array.from({ length }, (_, n) => ({ filename: String(n) }));
    expect(readFiles('github', RANGE, { files: many(300) }).cut).toBe(true);
    expect(readFiles('github', PULL, many(100)).more).toBe(true);
  });
});

it('commits and roles are read from every host', () => {
  expect(commitPath('gitlab', 'a/b', 'c')).toBe('/projects/a%2Fb/repository/commits/c');
  expect(readCommitMessage('github', { commit: { message: 'm' } })).toBe('m');
  expect(readCommitMessage('bitbucket', { message: 'm' })).toBe('m');
  expect(rolePath('github', 'acme/shop', 'ada')).toBe('/repos/acme/shop/collaborators/ada/permission');
  expect(rolePath('bitbucket', 'acme/shop', '{u}')).toBe('/workspaces/acme/permissions/repositories/shop?q=user.uuid%3D%22%7Bu%7D%22');
  expect(readRole('github', { permission: 'write', role_name: 'maintain' })).toBe('maintain');
  expect(readRole('gitlab', { access_level: 30 })).toBe('developer');
  expect(readRole('bitbucket', { values: [{ permission: 'admin' }] })).toBe('admin');
  for (const dialect of DIALECTS) expect(readRole(dialect, {})).toBeUndefined();
});
