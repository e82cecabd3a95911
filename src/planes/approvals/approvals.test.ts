import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { prepareAll, testDatabase } from '../../../test/support/database.ts';
import { send } from '../../../test/support/http.ts';
import { Committer } from '../../engine/committer.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { randomIds } from '../../kernel/ids.ts';
import { silentLogger } from '../../kernel/log.ts';
import { ApiError } from '../../protocol/errors.ts';
import { createSecretBox } from '../../store/secrets.ts';
import type { WaitingApproval } from '../../ports/approval-links.ts';
import { createApprovalsPlane, type ApprovalResult } from './index.ts';
import { approvalLinks } from './links.ts';
import { approvalMigrations, sql } from './tables.ts';

const clock = new ManualClock();
const APPROVAL: WaitingApproval = {
  account: '123456789012',
  region: 'us-east-1',
  pipeline: 'web',
  executionId: 'e1',
  stage: 'Prod',
  action: 'Ask',
  actionExecutionId: 'a1',
  token: 'the-api-token',
  expires: clock.now() + 60_000,
  customData: '<script>alert(1)</script>',
  externalEntityLink: 'javascript:alert(1)',
};

let database: Awaited<ReturnType<typeof testDatabase>>;
let server: Server;
let decisions: { session: string; result: ApprovalResult }[];
let waiting: boolean;
let refuse: ApiError | undefined;
let path: string;

const edge = () => ({ port: (server.address() as AddressInfo).port });
const get = (where = path) => send(edge(), { path: where });
const post = (body: string) =>
  send(edge(), { path, method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } });

beforeEach(async () => {
  database = await testDatabase([{ owner: 'approvals', migrations: approvalMigrations }]);
  const commits = new Committer(database);
  const secrets = createSecretBox([Buffer.alloc(32, 1)]);
  const tools = { db: database, commits, secrets, clock, ids: randomIds(clock), log: silentLogger, publicEndpoint: () => 'http://pw.test' };
  [decisions, waiting, refuse] = [[], true, undefined];
  const approvals = {
    isWaiting: async () => waiting,
    async decide(_: WaitingApproval, session: string, result: ApprovalResult) {
      if (refuse) throw refuse;
      decisions.push({ session, result });
    },
  };
  const plane = createApprovalsPlane({ ...tools, approvals });
  server = createServer((request, response) => void plane.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  path = new URL((await approvalLinks(tools).issue(APPROVAL)).review).pathname;
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await database.close();
});

it('has statements that fit its tables', () => {
  expect(prepareAll(database, sql)).toBe(4);
});

it('shows what is to be decided, and decides nothing, however often it is read', async () => {
  for (const decision of ['approve', 'reject']) {
    const page = await get(`${path}?decision=${decision}`);
    expect(page.status).toBe(200);
    expect(page.text).toContain('<dd>web</dd>');
    expect(page.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page.text).not.toContain('<script');
    expect(page.text).not.toContain('href="javascript:');
    expect(page.text).not.toContain(APPROVAL.token);
    expect(page.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
    });
    expect(page.headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; frame-ancestors 'none'/,
    );
  }
  expect(decisions).toEqual([]);
});

it('decides by its buttons, once', async () => {
  expect((await post('decision=reject&comment=not+yet')).text).toContain('<h1>Rejected</h1>');
  expect(decisions).toEqual([
    { session: expect.stringMatching(/^link-[0-9a-f]{16}$/) as string, result: { status: 'Rejected', summary: 'not yet' } },
  ]);
  expect((await post('decision=approve')).text).toContain('<h1>Rejected</h1>');
  expect((await get()).text).toContain('<h1>Rejected</h1>');
  expect(decisions).toHaveLength(1);
});

it('keeps neither its token nor that of the API', async () => {
  const rows = await database.all<{ hash: string; approval: string }>({ sql: 'SELECT hash, approval FROM approval_links' });
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(path.split('/').at(-1));
  expect(rows[0]!.approval).not.toContain('web');
});

it('says so where it was decided elsewhere, has expired, or is none', async () => {
  waiting = false;
  expect(await get()).toMatchObject({ status: 409 });
  expect((await post('decision=approve')).text).toContain('It has been decided already.');
  waiting = true;
  refuse = new ApiError('ApprovalAlreadyCompletedException', 'The approval action has already been approved or rejected.');
  expect((await post('decision=approve')).text).toContain('has already been approved or rejected');
  refuse = undefined;
  expect(await post('decision=maybe')).toMatchObject({ status: 400 });
  expect(await get(`${path.slice(0, -1)}x`)).toMatchObject({ status: 404 });
  expect(await get(`${path.slice(0, -1)}${path.endsWith('0') ? '1' : '0'}`)).toMatchObject({ status: 404 });
  expect(await send(edge(), { path, method: 'DELETE' })).toMatchObject({ status: 405 });
  clock.advance(60_001);
  expect((await post('decision=approve')).text).toContain('The time to answer is over.');
  expect(decisions).toEqual([]);
});
