import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareAll } from '../../../test/support/database.ts';
import { json, Receiver } from '../../../test/support/receiver.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { sql } from './tables.ts';
import { ACCOUNT, EXECUTION_ID, PIPELINE, REGION, World } from './testing/world.ts';

const FAILED = 'codepipeline-pipeline-pipeline-execution-failed';
const failed = (more: JsonObject = {}) => ({ pipeline: 'web', 'execution-id': EXECUTION_ID, state: 'FAILED', version: 1, ...more });
const EXECUTION = 'CodePipeline Pipeline Execution State Change';
const ACTION = 'CodePipeline Action Execution State Change';

let world: World;
let receiver: Receiver;
beforeEach(async () => {
  world = new World();
  await world.start();
  receiver = await Receiver.start();
});
afterEach(async () => {
  await world.end();
  await receiver.end();
});

const create = (input: object) =>
  world.notifications.createNotificationRule({
    Name: 'rule',
    EventTypeIds: [FAILED],
    Resource: PIPELINE,
    Targets: [{ TargetType: 'AWSChatbotSlack', TargetAddress: `${receiver.url}/services/T0/B0/secret` }],
    DetailType: 'FULL',
    ...input,
  });

const refused = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'it succeeded',
    (error: Error) => `${error.name}: ${error.message}`,
  );

it('has statements that fit its tables', () => {
  expect(prepareAll(world.db, sql)).toBeGreaterThan(20);
});

describe('a notification', () => {
  async function subscribedTopic(): Promise<string> {
    const { TopicArn } = await world.sns.createTopic({ Name: 'news' });
    await world.sns.subscribe({
      TopicArn: TopicArn!,
      Protocol: 'http',
      Endpoint: `${receiver.url}/sns`,
      Attributes: { RawMessageDelivery: 'true' },
    });
    const { Token } = json(await receiver.post());
    await world.sns.confirmSubscription({ TopicArn: TopicArn!, Token: Token! });
    return TopicArn!;
  }

  it('comes to a topic as AWS words it, with what FULL adds', async () => {
    const TargetAddress = await subscribedTopic();
    const { Arn } = await create({ Targets: [{ TargetType: 'SNS', TargetAddress }] });
    await world.emit('aws.codepipeline', EXECUTION, failed());
    expect(JSON.parse((await receiver.post(() => true, 2)).text)).toEqual({
      account: ACCOUNT,
      detailType: EXECUTION,
      region: REGION,
      source: 'aws.codepipeline',
      time: '2026-01-01T12:00:00Z',
      notificationRuleArn: Arn,
      detail: failed(),
      resources: [PIPELINE],
      additionalAttributes: {
        failedActionCount: 1,
        failedActions: [{ action: 'Copy', additionalInformation: 'no such bucket' }],
        failedStage: 'Deploy',
      },
    });
  });

  it('says no more than the event in BASIC, and what is asked in an approval in FULL', async () => {
    const TargetAddress = await subscribedTopic();
    const needed = { EventTypeIds: ['codepipeline-pipeline-manual-approval-needed'], Targets: [{ TargetType: 'SNS', TargetAddress }] };
    const basic = await create({ ...needed, DetailType: 'BASIC' });
    await create({ ...needed, Name: 'full' });
    const detail = {
      pipeline: 'web',
      'execution-id': EXECUTION_ID,
      'action-execution-id': 'a3',
      stage: 'Deploy',
      action: 'Ask',
      state: 'STARTED',
    };
    await world.emit('aws.codepipeline', ACTION, { ...detail, type: { category: 'Build' } });
    await world.emit('aws.codepipeline', ACTION, { ...detail, type: { category: 'Approval' } });
    await receiver.post(() => true, 3);
    const told = receiver.posts
      .slice(1)
      .map((post) => JSON.parse(post.text) as { notificationRuleArn: string; additionalAttributes: object });
    expect(told.find(({ notificationRuleArn }) => notificationRuleArn === basic.Arn)?.additionalAttributes).toEqual({});
    expect(told.find(({ notificationRuleArn }) => notificationRuleArn !== basic.Arn)?.additionalAttributes).toEqual({
      customData: 'Ship it?',
    });
  });

  it('has the shape that Slack takes, and Teams', async () => {
    await create({
      Targets: [
        { TargetType: 'AWSChatbotSlack', TargetAddress: `${receiver.url}/slack` },
        { TargetType: 'AWSChatbotMicrosoftTeams', TargetAddress: `${receiver.url}/teams` },
      ],
    });
    await world.emit('aws.codepipeline', EXECUTION, failed({ pipeline: 'web' }));
    const slack = await receiver.post(({ path }) => path === '/slack');
    expect(JSON.parse(slack.text)).toMatchObject({
      text: '❌ web: Pipeline execution: Failed',
      blocks: [
        { type: 'header' },
        { type: 'section', text: { type: 'mrkdwn', text: expect.stringContaining('*Failed: Copy:* no such bucket') as string } },
      ],
    });
    const teams = await receiver.post(({ path }) => path === '/teams');
    expect(JSON.parse(teams.text)).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: { type: 'AdaptiveCard', body: [{ type: 'TextBlock' }, { type: 'FactSet' }] },
        },
      ],
    });
  });

  it('comes for builds and for branches too', async () => {
    const [project, repository] = [`arn:aws:codebuild:${REGION}:${ACCOUNT}:project/p`, `arn:aws:codecommit:${REGION}:${ACCOUNT}:r`];
    await create({ Resource: project, EventTypeIds: ['codebuild-project-build-state-failed', 'codebuild-project-build-phase-failure'] });
    await create({ Name: 'r', Resource: repository, EventTypeIds: ['codecommit-repository-branches-and-tags-updated'] });
    await world.emit('aws.codebuild', 'CodeBuild Build State Change', { 'project-name': 'p', 'build-status': 'FAULT' }, ['build']);
    await world.emit('aws.codebuild', 'CodeBuild Build State Change', { 'project-name': 'other', 'build-status': 'FAILED' }, ['build']);
    await world.emit(
      'aws.codecommit',
      'CodeCommit Repository State Change',
      { event: 'referenceUpdated', repositoryName: 'r', referenceName: 'main' },
      [repository],
    );
    await receiver.post(() => true, 2);
    expect(new Set(receiver.posts.map((post) => json(post).text))).toEqual(
      new Set(['ℹ️ r: Branches and tags: Updated', '❌ p: Build state: Failed']),
    );
  });

  it('survives a restart while its receiver is away, and names no secret in the log', async () => {
    await create({});
    receiver.answer = () => 503;
    await world.emit('aws.codepipeline', EXECUTION, failed());
    expect(await world.line('is to be tried again')).toMatchObject({ reason: 'it answered 503', inMs: 1_000 });
    receiver.answer = () => 200;
    world.clock.advance(1_000);
    await world.restart();
    await receiver.post(() => true, 2);
    expect(JSON.stringify(world.logged)).not.toContain('secret');
  });

  it('is told of even where it happened just before the end', async () => {
    await create({});
    const emitted = world.emit('aws.codepipeline', EXECUTION, failed());
    await emitted;
    await world.restart();
    await receiver.post();
  });

  it('that is refused is given up, and the target shows it', async () => {
    const { Arn } = await create({});
    receiver.answer = () => 404;
    await world.emit('aws.codepipeline', EXECUTION, failed());
    expect(await world.line('was given up')).toMatchObject({ reason: 'it answered 404' });
    const { Targets } = await world.notifications.describeNotificationRule({ Arn: Arn! });
    expect(Targets).toMatchObject([{ TargetStatus: 'UNREACHABLE' }]);
  });

  it('does not come from a rule that is disabled', async () => {
    await create({ Status: 'DISABLED' });
    await create({ Name: 'other' });
    await world.emit('aws.codepipeline', EXECUTION, failed());
    await receiver.post();
    await world.restart();
    expect(receiver.posts).toHaveLength(1);
  });
});

describe('a rule', () => {
  it('shows its webhook with stars, and takes it back so', async () => {
    const { Arn } = await create({ Tags: { team: 'web' } });
    const rule = await world.notifications.describeNotificationRule({ Arn: Arn! });
    const [target] = rule.Targets!;
    expect(target!.TargetAddress).toMatch(new RegExp(`^${receiver.url}/\\*{4}[0-9a-f]{12}$`));
    expect(rule).toMatchObject({
      Name: 'rule',
      Resource: PIPELINE,
      DetailType: 'FULL',
      Status: 'ENABLED',
      Tags: { team: 'web' },
      EventTypes: [{ EventTypeId: FAILED }],
    });
    const row = await world.db.get<{ address: string }>({ sql: 'SELECT address FROM csn_targets' });
    expect(row!.address).not.toContain('secret');

    await world.notifications.updateNotificationRule({
      Arn: Arn!,
      Name: 'new',
      Targets: [{ TargetType: target!.TargetType!, TargetAddress: target!.TargetAddress! }],
    });
    await world.emit('aws.codepipeline', EXECUTION, failed());
    expect((await receiver.post()).path).toBe('/services/T0/B0/secret');
    await world.notifications.unsubscribe({ Arn: Arn!, TargetAddress: `${receiver.url}/services/T0/B0/secret` });
    expect((await world.notifications.describeNotificationRule({ Arn: Arn! })).Targets).toEqual([]);
  });

  it('is one for the same request, and one for its name', async () => {
    const first = await create({ ClientRequestToken: 't1' });
    expect(await create({ ClientRequestToken: 't1' })).toEqual(first);
    expect(await refused(create({}))).toContain('ResourceAlreadyExistsException');
    const { Arn } = await create({ Name: 'other' });
    expect(await refused(world.notifications.updateNotificationRule({ Arn: Arn!, Name: 'rule' }))).toContain(
      'ResourceAlreadyExistsException',
    );
  });

  it('is found by what it is about', async () => {
    const { Arn } = await create({});
    await create({ Name: 'other', Resource: `${PIPELINE}2`, EventTypeIds: ['codepipeline-pipeline-stage-execution-failed'], Targets: [] });
    const list = async (Name: 'RESOURCE' | 'EVENT_TYPE_ID' | 'TARGET_ADDRESS', Value: string) =>
      (await world.notifications.listNotificationRules({ Filters: [{ Name, Value }] })).NotificationRules!.map((rule) => rule.Arn);
    expect(await list('RESOURCE', PIPELINE)).toEqual([Arn]);
    expect(await list('EVENT_TYPE_ID', FAILED)).toEqual([Arn]);
    expect(await list('TARGET_ADDRESS', `${receiver.url}/services/T0/B0/secret`)).toEqual([Arn]);
    expect(await list('TARGET_ADDRESS', 'arn:aws:sns:us-east-1:123456789012:none')).toEqual([]);
    const first = await world.notifications.listNotificationRules({ MaxResults: 1 });
    const second = await world.notifications.listNotificationRules({ MaxResults: 1, NextToken: first.NextToken! });
    expect([...first.NotificationRules!, ...second.NotificationRules!]).toHaveLength(2);
    expect(second.NextToken).toBeUndefined();
  });

  it('shares targets, which are deleted when nobody uses them, or by force', async () => {
    const { Arn } = await create({});
    const TargetAddress = `${receiver.url}/services/T0/B0/secret`;
    const { Targets } = await world.notifications.listTargets({ Filters: [{ Name: 'TARGET_TYPE', Value: 'AWSChatbotSlack' }] });
    expect(Targets).toHaveLength(1);
    expect(await refused(world.notifications.deleteTarget({ TargetAddress }))).toContain('ValidationException');
    await world.notifications.deleteTarget({ TargetAddress, ForceUnsubscribeAll: true });
    expect((await world.notifications.listTargets({})).Targets).toEqual([]);
    await world.notifications.subscribe({ Arn: Arn!, Target: { TargetType: 'AWSChatbotSlack', TargetAddress } });
    await world.notifications.deleteNotificationRule({ Arn: Arn! });
    await world.notifications.deleteNotificationRule({ Arn: Arn! });
    expect(await refused(world.notifications.describeNotificationRule({ Arn: Arn! }))).toContain('ResourceNotFoundException');
  });

  it('has tags', async () => {
    const { Arn } = await create({ Tags: { a: '1' } });
    await world.notifications.tagResource({ Arn: Arn!, Tags: { b: '2' } });
    await world.notifications.untagResource({ Arn: Arn!, TagKeys: ['a'] });
    expect(await world.notifications.listTagsForResource({ Arn: Arn! })).toEqual({ Tags: { b: '2' } });
  });

  it.each([
    [{ EventTypeIds: ['codepipeline-pipeline-flew-away'] }, 'raises no event of the type'],
    [{ EventTypeIds: ['codebuild-project-build-state-failed'] }, 'is not one of a Pipeline'],
    [{ EventTypeIds: [] }, 'at least one event type'],
    [{ Resource: `arn:aws:lambda:${REGION}:${ACCOUNT}:function` }, 'pipelines, build projects and repositories'],
    [{ Resource: PIPELINE.replace(ACCOUNT, '999999999999') }, 'another account'],
    [
      { Targets: [{ TargetType: 'AWSChatbotSlack', TargetAddress: 'arn:aws:chatbot::1:chat-configuration/slack-channel/x' }] },
      'incoming webhook',
    ],
    [{ Targets: [{ TargetType: 'SNS', TargetAddress: 'http://x' }] }, 'ARN of an SNS topic'],
    [{ Targets: [{ TargetType: 'Pigeon', TargetAddress: 'x' }] }, 'is not one of SNS'],
  ])('is refused with %j', async (input, reason) => {
    expect(await refused(create(input))).toMatch(new RegExp(`ValidationException: .*${reason}`));
  });

  it('may be about the types that are listed', async () => {
    const { EventTypes } = await world.notifications.listEventTypes({ Filters: [{ Name: 'SERVICE_NAME', Value: 'CodePipeline' }] });
    expect(EventTypes).toHaveLength(18);
    expect(EventTypes).toContainEqual({
      EventTypeId: FAILED,
      ServiceName: 'CodePipeline',
      EventTypeName: 'Pipeline execution: Failed',
      ResourceType: 'Pipeline',
    });
    const first = await world.notifications.listEventTypes({ MaxResults: 20 });
    const second = await world.notifications.listEventTypes({ MaxResults: 20, NextToken: first.NextToken! });
    expect(new Set([...first.EventTypes!, ...second.EventTypes!].map(({ EventTypeId }) => EventTypeId)).size).toBe(27);
  });
});
