import type { AccessDecision, AccessRequest } from '../../ports/authorise.ts';

/** What the runner's session is for, and all it may do. */
const RUNNER_ACTIONS: ReadonlySet<string> = new Set(
  'RegisterRunner LeaseBuild Heartbeat AppendOutput ReportPhase NextCommand CompleteCommand CreateReport PutTestCases PutCodeCoverages CompleteReport CompleteBuild PollDebugSession ReportPause PutDebugOutput'
    .split(' ')
    .map((operation) => `pipewright:${operation}`),
);

/** S3 itself decides, by ACL and bucket policy, who may read without a signature; nobody else is asked by strangers. */
const OPEN_TO_ANYBODY: ReadonlySet<string> = new Set(
  ['GetObject', 'HeadObject', 'ListObjects', 'ListObjectsV2', 'HeadBucket'].map((operation) => `s3:${operation}`),
);

/** A job's worker reads inputs and writes outputs; which objects those are S3 looks up (Principal.objects). */
const JOB_ACTIONS: ReadonlySet<string> = new Set(
  [
    'GetObject',
    'HeadObject',
    'PutObject',
    'CreateMultipartUpload',
    'UploadPart',
    'CompleteMultipartUpload',
    'AbortMultipartUpload',
    'ListParts',
  ].map((operation) => `s3:${operation}`),
);

/** A build runs what was pushed: it must not make itself credentials, approve its own pipeline or drive the runner's side. */
const DENIED_TO_BUILDS = [
  'iam:',
  'pipewright:',
  'sts:Assume',
  'sts:GetSessionToken',
  'sts:GetFederationToken',
  'codepipeline:PutApprovalResult',
  // Approval messages carry links that decide: who subscribes reads them.
  'sns:Subscribe',
  'sns:ConfirmSubscription',
];

/** Of the stores of secrets a build may read what it can name, and change nothing. */
const STORES = ['ssm:', 'secretsmanager:'];
const OPEN_TO_BUILDS: ReadonlySet<string> = new Set(['ssm:GetParameter', 'ssm:GetParameters', 'secretsmanager:GetSecretValue']);

function buildMay(action: string): boolean {
  if (STORES.some((prefix) => action.startsWith(prefix))) return OPEN_TO_BUILDS.has(action);
  return !DENIED_TO_BUILDS.some((prefix) => action.startsWith(prefix));
}

function isAllowed({ principal, action }: AccessRequest): boolean {
  if (principal.kind === 'anonymous') return OPEN_TO_ANYBODY.has(action);
  if (principal.session === 'runner') return RUNNER_ACTIONS.has(action);
  if (principal.session === 'job') return JOB_ACTIONS.has(action);
  if (principal.session === 'build') return buildMay(action);
  return true;
}

/** Until policies are evaluated, whoever belongs to the account may do everything, but for the sessions above. */
export function decide(request: AccessRequest): AccessDecision {
  if (isAllowed(request)) return { allowed: true };
  return { allowed: false, message: `User: ${request.principal.arn} is not authorized to perform: ${request.action}` };
}
