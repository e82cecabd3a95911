import type { CallContext } from '../../../protocol/context.ts';
import type { Api } from '../api.gen.ts';
import { theEntity } from '../entities.ts';
import { thePolicy } from '../managed-policies.ts';
import { listTags, tagEntity, untagEntity } from '../tags.ts';
import type { IamTools } from '../tools.ts';
import { theRole } from './the-role.ts';

type Operations = Pick<Api, 'tagUser' | 'untagUser' | 'listUserTags' | 'tagRole' | 'untagRole' | 'listRoleTags'> &
  Pick<Api, 'tagPolicy' | 'untagPolicy' | 'listPolicyTags' | 'tagInstanceProfile' | 'untagInstanceProfile' | 'listInstanceProfileTags'>;

export function tagOperations(tools: IamTools): Operations {
  const user = (ctx: CallContext, name: string) => theEntity(tools, ctx, 'user', name);
  const role = (ctx: CallContext, name: string) => theRole(tools, ctx, name);
  const policy = (ctx: CallContext, arn: string) => thePolicy(tools, ctx, arn);
  const profile = (ctx: CallContext, name: string) => theEntity(tools, ctx, 'instance-profile', name);
  return {
    tagUser: async ({ UserName, Tags }, ctx) => tagEntity(tools, await user(ctx, UserName), Tags),
    untagUser: async ({ UserName, TagKeys }, ctx) => untagEntity(tools, await user(ctx, UserName), TagKeys),
    listUserTags: async (input, ctx) => listTags(tools, await user(ctx, input.UserName), input),
    tagRole: async ({ RoleName, Tags }, ctx) => tagEntity(tools, await role(ctx, RoleName), Tags),
    untagRole: async ({ RoleName, TagKeys }, ctx) => untagEntity(tools, await role(ctx, RoleName), TagKeys),
    listRoleTags: async (input, ctx) => listTags(tools, await role(ctx, input.RoleName), input),
    tagPolicy: async ({ PolicyArn, Tags }, ctx) => tagEntity(tools, await policy(ctx, PolicyArn), Tags),
    untagPolicy: async ({ PolicyArn, TagKeys }, ctx) => untagEntity(tools, await policy(ctx, PolicyArn), TagKeys),
    listPolicyTags: async (input, ctx) => listTags(tools, await policy(ctx, input.PolicyArn), input),
    tagInstanceProfile: async ({ InstanceProfileName, Tags }, ctx) => tagEntity(tools, await profile(ctx, InstanceProfileName), Tags),
    untagInstanceProfile: async ({ InstanceProfileName, TagKeys }, ctx) =>
      untagEntity(tools, await profile(ctx, InstanceProfileName), TagKeys),
    listInstanceProfileTags: async (input, ctx) => listTags(tools, await profile(ctx, input.InstanceProfileName), input),
  };
}
