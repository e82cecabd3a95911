import { model } from '../../codebuild/api.gen.ts';
import { membersOf } from './input.ts';
import type { TargetKind } from './target-kind.ts';

/** All that StartBuild can override; AWS takes them from the input by their names in the API. */
function overrides(): readonly string[] {
  const input = model.operations['StartBuild']?.input?.shape ?? '';
  return Object.keys(model.shapes[input]?.members ?? {});
}

/** `arn:aws:codebuild:REGION:ACCOUNT:project/NAME`: starts a build. */
export const codebuildTarget: TargetKind = {
  accepts: ({ service, resource }) => service === 'codebuild' && resource.startsWith('project/'),
  needsRole: true,
  async send({ arn, input, token, clients }) {
    const projectName = arn.resource.slice('project/'.length);
    await clients.codebuild.startBuild({ ...membersOf(input, overrides()), projectName, idempotencyToken: token });
  },
};
