import type { BuildJob } from '../../services/pipewright/api.gen.ts';
import type { ReportCalls } from '../reports/calls.ts';

/** A build of a buildspec alone: without source, artifacts and credentials. */
export function bareJob(buildspec: string, more: Partial<BuildJob> = {}): BuildJob {
  return {
    buildArn: 'arn:aws:codebuild:us-east-1:000000000000:build/p:u',
    epoch: 1,
    buildId: 'p:u',
    buildNumber: 1,
    projectName: 'p',
    account: '000000000000',
    region: 'us-east-1',
    initiator: 'root',
    startTime: 0,
    deadline: 0,
    buildspec,
    source: { kind: 'NO_SOURCE' },
    secondarySources: [],
    artifacts: [],
    secondaryArtifacts: [],
    variables: [],
    builtinVariables: [],
    logged: true,
    environment: { type: 'LINUX_CONTAINER', computeType: 'BUILD_GENERAL1_SMALL' },
    ...more,
  };
}

const unwanted = () => Promise.reject(new Error('no report is wanted here'));
export const noReports: ReportCalls = { create: unwanted, testCases: unwanted, coverages: unwanted, complete: unwanted };
