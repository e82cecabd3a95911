import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { model as codebuild } from '../services/codebuild/api.gen.ts';
import { model } from '../services/codepipeline/api.gen.ts';
import { checkInput } from './check-input.ts';

const said = (operation: string, input: unknown) =>
  checkInput(model, operation, input).map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('an input before it is sent', () => {
  it('is fine where it fits the model; null means absent', () => {
    expect(said('StartPipelineExecution', { name: 'p', variables: [{ name: 'a', value: 'b' }], clientRequestToken: null })).toEqual([]);
  });

  it('has the keys it needs, and no others', () => {
    expect(said('StartPipelineExecution', { nmae: 'p', variables: [{ name: 'a' }], nothing: 1 })).toEqual([
      'nmae: nmae is not known here; did you mean name?',
      'variables.0: value is required here',
      'nothing: nothing is not known here; known are name, variables, clientRequestToken, sourceRevisions',
      ': name is required here',
    ]);
  });

  it('has values of the right type and size', () => {
    expect(said('ListPipelines', { maxResults: 'ten', nextToken: '' })).toEqual([
      'maxResults: maxResults must be a whole number',
      "nextToken: nextToken '' must have length greater than or equal to 1",
    ]);
    expect(said('TagResource', { resourceArn: 'x', tags: ['a'] })).toContain('tags.0: an item of tags must be an object');
    expect(said('StopPipelineExecution', { pipelineName: 'p', pipelineExecutionId: 1, abandon: 'yes' })).toHaveLength(2);
    expect(said('ListPipelines', [])).toEqual([': the input must be an object']);
  });

  it('does not repeat what is secret', () => {
    const token = 'x'.repeat(5_000);
    const findings = checkInput(codebuild, 'ImportSourceCredentials', {
      token: '',
      serverType: 'GITHUB',
      authType: 'BASIC_AUTH',
      username: token,
    });
    expect(findings.every(({ message }) => message.length < 300)).toBe(true);
    expect(findings.map(({ message }) => message)).toContain('token must have length greater than or equal to 1');
  });

  it('survives any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (pipeline) => {
        expect(Array.isArray(checkInput(model, 'CreatePipeline', { pipeline }))).toBe(true);
      }),
    );
  });
});
