import { formatArn, type Arn } from '../../../kernel/arn.ts';
import { isObject } from '../../../kernel/json.ts';
import { errors } from '../api.gen.ts';
import { invalidParameter } from './message.ts';

/** The actions of a topic that a policy may allow. https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html */
const ACTIONS = [
  'GetTopicAttributes',
  'SetTopicAttributes',
  'AddPermission',
  'RemovePermission',
  'DeleteTopic',
  'Subscribe',
  'ListSubscriptionsByTopic',
  'Publish',
];

interface Policy extends Record<string, unknown> {
  readonly Statement: readonly unknown[];
}

/** The policy of a topic that nobody has given one: its account may do everything. */
export function defaultPolicy(topicArn: Arn, account: string): string {
  const statement = {
    Sid: '__default_statement_ID',
    Effect: 'Allow',
    Principal: { AWS: '*' },
    Action: ACTIONS.map((action) => `SNS:${action}`),
    Resource: topicArn,
    Condition: { StringEquals: { 'AWS:SourceOwner': account } },
  };
  return JSON.stringify({ Version: '2008-10-17', Id: '__default_policy_ID', Statement: [statement] });
}

/** Throws InvalidParameter where the text is no policy document. */
export function parsePolicy(text: string): Policy {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidParameter('Policy Reason: failed to parse JSON.');
  }
  if (!isObject(value) || !Array.isArray(value.Statement)) throw invalidParameter('Policy Reason: Policy statement must be a list');
  return { ...value, Statement: value.Statement as unknown[] };
}

const hasSid = (statement: unknown, sid: string): boolean => isObject(statement) && statement.Sid === sid;

export interface Permission {
  readonly label: string;
  readonly accounts: readonly string[];
  readonly actions: readonly string[];
}

/** The policy with one statement more. Throws InvalidParameter. */
export function addPermission(text: string, topicArn: Arn, { label, accounts, actions }: Permission): string {
  const policy = parsePolicy(text);
  if (policy.Statement.some((statement) => hasSid(statement, label))) throw invalidParameter('Statement already exists');

  if (actions.length === 0 || actions.some((action) => !ACTIONS.includes(action)))
    throw invalidParameter('Policy statement action out of service scope!');
  if (accounts.length === 0 || accounts.some((account) => !/^\d{12}$/.test(account))) throw invalidParameter('AWSAccountId');
  const principals = accounts.map((account) => formatArn('iam', '', account, 'root'));
  const statement = {
    Sid: label,
    Effect: 'Allow',
    Principal: { AWS: principals.length === 1 ? principals[0] : principals },
    Action: actions.map((action) => `SNS:${action}`),
    Resource: topicArn,
  };
  return JSON.stringify({ ...policy, Statement: [...policy.Statement, statement] });
}

/** The policy without that statement. */
export function removePermission(text: string, label: string): string {
  const policy = parsePolicy(text);
  const left = policy.Statement.filter((statement) => !hasSid(statement, label));
  if (left.length === policy.Statement.length) throw errors.NotFoundException('Statement not found');
  return JSON.stringify({ ...policy, Statement: left });
}
