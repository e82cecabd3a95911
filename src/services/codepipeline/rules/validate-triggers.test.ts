import { describe, expect, it } from 'vitest';
import type { GitConfiguration, PipelineDeclaration } from '../api.gen.ts';
import { validateTriggers } from './validate-triggers.ts';

const action = (name: string, provider: string, category: 'Source' | 'Build' = 'Source') => ({
  name,
  actionTypeId: { category, owner: 'AWS' as const, provider, version: '1' },
});
const pipeline = (configurations: readonly Partial<GitConfiguration>[], pipelineType: 'V1' | 'V2' = 'V2'): PipelineDeclaration => ({
  name: 'p',
  roleArn: 'arn:aws:iam::123456789012:role/r',
  pipelineType,
  triggers: configurations.map((each) => ({
    providerType: 'CodeStarSourceConnection',
    gitConfiguration: { sourceActionName: 'Hub', ...each },
  })),
  stages: [
    { name: 'Source', actions: [action('Hub', 'CodeStarSourceConnection'), action('Ours', 'CodeCommit'), action('Bucket', 'S3')] },
    { name: 'Build', actions: [action('Compile', 'CodeBuild', 'Build')] },
  ],
});
const main = { branches: { includes: ['main'] } };

describe('triggers', () => {
  it('are for connections and, beyond AWS, for CodeCommit', () => {
    expect(() => validateTriggers(pipeline([{ push: [main] }, { sourceActionName: 'Ours', push: [main] }]))).not.toThrow();
    expect(() => validateTriggers(pipeline([], 'V1'))).not.toThrow();
  });

  it.each([
    ['in a pipeline of type V1', pipeline([{ push: [main] }], 'V1'), /type V2/],
    ['of an action that is not there', pipeline([{ sourceActionName: 'Nobody' }]), /'Nobody', which is no source action/],
    ['of an action that is no source', pipeline([{ sourceActionName: 'Compile' }]), /'Compile', which is no source action/],
    ['of a bucket', pipeline([{ sourceActionName: 'Bucket' }]), /does not support triggers/],
    ['twice for one action', pipeline([{ push: [main] }, { push: [main] }]), /more than one/],
    ['with an empty filter', pipeline([{ push: [{}] }]), /empty/],
    ['with an empty list of patterns', pipeline([{ push: [{ branches: {} }] }]), /neither includes nor excludes/],
    ['for pull requests of CodeCommit', pipeline([{ sourceActionName: 'Ours', pullRequest: [main] }]), /pushes only/],
  ])('are refused %s', (_, declaration, message) => {
    expect(() => validateTriggers(declaration)).toThrow(message);
  });
});
