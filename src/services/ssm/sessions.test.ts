import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ShellHost } from '../../ports/shells.ts';
import type { DescribeSessionsRequest } from './api.gen.ts';
import { refused, World } from './testing/world.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  await world.start();
  world.targets.set('pipewright:p:1', NOWHERE);
  world.targets.set('pipewright:p:2', NOWHERE);
});
afterEach(() => world.db.close());

/** Nobody connects here. */
const NOWHERE: ShellHost = { open: () => expect.unreachable() };
const OWNER = 'arn:aws:iam::123456789012:root';

async function start(Target = 'pipewright:p:1', more: object = {}): Promise<string> {
  world.clock.advance(1_000);
  return (await world.call('startSession', { Target, ...more })).SessionId!;
}

async function listed(input: Partial<DescribeSessionsRequest> = {}): Promise<readonly (string | undefined)[]> {
  const { Sessions } = await world.call('describeSessions', { State: 'Active', ...input });
  return Sessions!.map(({ SessionId }) => SessionId);
}

describe('sessions', () => {
  it('are started in what is connected, and are shells', async () => {
    const answer = await world.call('startSession', { Target: 'pipewright:p:1', Reason: 'to look' });
    expect(answer).toEqual({
      SessionId: expect.stringMatching(/^root-/) as string,
      TokenValue: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      StreamUrl: `ws://127.0.0.1:4566/_pipewright/data-channel/${answer.SessionId}?role=publish_subscribe`,
    });
    const { Sessions } = await world.call('describeSessions', { State: 'Active' });
    expect(Sessions).toEqual([
      {
        SessionId: answer.SessionId,
        Target: 'pipewright:p:1',
        Status: 'Connecting',
        StartDate: world.clock.now(),
        DocumentName: 'SSM-SessionManagerRunShell',
        Owner: OWNER,
        Reason: 'to look',
        AccessType: 'Standard',
      },
    ]);
    expect(await refused(start('i-0123456789abcdef0'))).toBe('TargetNotConnected: i-0123456789abcdef0 is not connected.');
    expect(await refused(start('pipewright:p:1', { DocumentName: 'AWS-StartPortForwardingSession' }))).toBe(
      'InvalidDocument: Document AWS-StartPortForwardingSession is not available: a session here is a shell (SSM-SessionManagerRunShell).',
    );
    expect(await start('pipewright:p:1', { DocumentName: 'SSM-SessionManagerRunShell' })).toMatch(/^root-/);
  });

  it('are gone on with while they are there', async () => {
    const SessionId = await start();
    const first = await world.call('resumeSession', { SessionId });
    const second = await world.call('resumeSession', { SessionId });
    expect(first.TokenValue).not.toBe(second.TokenValue);
    expect(await world.call('terminateSession', { SessionId })).toEqual({ SessionId });
    expect(await world.call('terminateSession', { SessionId })).toEqual({ SessionId });
    expect(await world.call('resumeSession', { SessionId })).toEqual({ SessionId });
    const unknown = 'DoesNotExistException: Session root-x does not exist.';
    expect(await refused(world.call('resumeSession', { SessionId: 'root-x' }))).toBe(unknown);
    expect(await refused(world.call('terminateSession', { SessionId: 'root-x' }))).toBe(unknown);
    await expect.poll(() => listed({ State: 'History' })).toEqual([SessionId]);
    expect(await listed()).toEqual([]);
  });

  it('are listed in pages, the newest first, and by filters', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 60; i++) ids.unshift(await start(i === 7 ? 'pipewright:p:2' : 'pipewright:p:1'));
    const pages: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await world.call('describeSessions', { State: 'Active', MaxResults: 25, ...(NextToken !== undefined && { NextToken }) });
      pages.push(...page.Sessions!.map(({ SessionId }) => SessionId));
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    expect(pages).toEqual(ids);
    // Beyond the first page of rows.
    expect(await listed({ Filters: [{ key: 'Target', value: 'pipewright:p:2' }] })).toEqual([ids[52]]);
    const date = new Date(world.clock.now() - 3_000).toISOString();
    expect(await listed({ Filters: [{ key: 'InvokedAfter', value: date }] })).toEqual(ids.slice(0, 3));
    expect(await listed({ Filters: [{ key: 'InvokedBefore', value: date }], MaxResults: 1 })).toEqual([ids[4]]);
    expect(await listed({ Filters: [{ key: 'SessionId', value: ids[5]! }] })).toEqual([ids[5]]);
    expect(await listed({ Filters: [{ key: 'Status', value: 'Connected' }] })).toEqual([]);
    expect(await listed({ Filters: [{ key: 'Owner', value: OWNER }], MaxResults: 2 })).toEqual(ids.slice(0, 2));
    const wrong = world.call('describeSessions', { State: 'Active', Filters: [{ key: 'InvokedAfter', value: 'yesterday' }] });
    expect(await refused(wrong)).toBe('InvalidFilterKey: yesterday is no date: use the form 2024-08-29T00:00:00Z.');
    expect(await refused(world.call('describeSessions', { State: 'Active', NextToken: 'x' }))).toMatch(/^InvalidNextToken/);
  });
});
