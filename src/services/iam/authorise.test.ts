import { expect, it } from 'vitest';
import type { Principal } from '../../ports/authorise.ts';
import { decide } from './authorise.ts';

const who = (kind: Principal['kind'], session?: Principal['session']): Principal => ({
  kind,
  account: '1',
  arn: `arn:aws:iam::1:${kind}/x`,
  id: 'X',
  ...(session && { session }),
});
const allowed = (principal: Principal, action: string) => decide({ principal, action, region: 'us-east-1' }).allowed;

it.each([
  ['iam:CreateUser', false],
  ['iam:GetUser', false],
  ['sts:AssumeRole', false],
  ['sts:GetSessionToken', false],
  ['codepipeline:PutApprovalResult', false],
  ['sns:Subscribe', false],
  ['sns:Publish', true],
  ['pipewright:CompleteBuild', false],
  ['sts:GetCallerIdentity', true],
  ['s3:PutObject', true],
  ['codepipeline:GetPipelineState', true],
  ['codebuild:StartBuild', true],
  ['ssm:GetParameter', true],
  ['ssm:GetParameters', true],
  ['ssm:GetParametersByPath', false],
  ['ssm:PutParameter', false],
  ['ssm:StartSession', false],
  ['secretsmanager:GetSecretValue', true],
  ['secretsmanager:ListSecrets', false],
  ['secretsmanager:PutSecretValue', false],
])('a build may call %s: %s', (action, may) => {
  expect(allowed(who('role', 'build'), action)).toBe(may);
});

it.each([
  ['pipewright:LeaseBuild', true],
  ['pipewright:ReportPhase', true],
  ['pipewright:PutTestCases', true],
  ['pipewright:Replay', false],
  ['s3:GetObject', false],
  ['sts:GetCallerIdentity', false],
])('the runner may call %s: %s', (action, may) => {
  expect(allowed(who('root', 'runner'), action)).toBe(may);
});

it.each([
  ['s3:GetObject', true],
  ['s3:ListObjectsV2', true],
  ['s3:PutObject', false],
  ['s3:ListBuckets', false],
  ['sts:GetCallerIdentity', false],
])('strangers may ask for %s: %s', (action, may) => {
  expect(allowed(who('anonymous'), action)).toBe(may);
});

it.each([who('root'), who('user'), who('role', 'user'), who('role', 'pipeline')])('everybody else of the account may', (principal) => {
  expect(allowed(principal, 'iam:CreateUser')).toBe(true);
});

it('says who may not do what', () => {
  expect(decide({ principal: who('role', 'build'), action: 'iam:GetUser', region: 'us-east-1' })).toEqual({
    allowed: false,
    message: 'User: arn:aws:iam::1:role/x is not authorized to perform: iam:GetUser',
  });
});
