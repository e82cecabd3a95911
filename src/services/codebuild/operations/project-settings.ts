import { WriteConflict, write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import type { Api, Project } from '../api.gen.ts';
import { publicSql } from '../public/tables.ts';
import { roleArn } from '../rules/project/validate.ts';
import { sql } from '../tables.ts';
import { findProject, missingProject, nameHere, type OperationTools } from './tools.ts';

type Operations = Pick<Api, 'updateProjectVisibility' | 'invalidateProjectCache'>;

const ALIAS_LENGTH = 32;

/** A project's row as it is stored. */
function stored(shown: Project): string {
  const { created: _, lastModified: __, ...project } = shown;
  return JSON.stringify(project);
}

async function setVisibility(tools: OperationTools, ctx: CallContext, input: Parameters<Api['updateProjectVisibility']>[0]) {
  const { projectArn, projectVisibility, resourceAccessRole } = input;
  const found = projectArn.startsWith('arn:') ? await findProject(tools, ctx, projectArn) : undefined;
  if (!found) throw missingProject(ctx, projectArn);
  const project: Project = {
    ...found.project,
    projectVisibility,
    ...(resourceAccessRole !== undefined && { resourceAccessRole: roleArn(resourceAccessRole, ctx.account) }),
  };
  const key = [ctx.account, ctx.region, project.name!];
  const alias = tools.ids.base32(ALIAS_LENGTH).toLowerCase();
  await tools.commits.commit([
    write(sql.updateProject, [tools.clock.now(), stored(project), ...key], { expect: 1 }),
    // The alias stays: who published a link to the builds finds them there again.
    ...(projectVisibility === 'PUBLIC_READ' ? [write(publicSql.keepAlias, [alias, ...key])] : []),
  ]);
  const row = await tools.db.get<{ public_alias: string | null }>(publicSql.alias, ...key);
  return { project, alias: row?.public_alias ?? undefined };
}

export function projectSettingOperations(tools: OperationTools): Operations {
  return {
    async updateProjectVisibility(input, ctx) {
      const { project, alias } = await setVisibility(tools, ctx, input);
      const { projectVisibility } = input;
      const shown = projectVisibility === 'PUBLIC_READ' && alias !== undefined && { publicProjectAlias: alias };
      return { projectArn: project.arn, projectVisibility, ...shown };
    },

    /** Whoever reads caches compares their generation with the project's: what was saved before is not used again. */
    async invalidateProjectCache({ projectName: name }, ctx) {
      const here = nameHere(ctx, 'project', name);
      if (here === undefined) throw missingProject(ctx, name);
      try {
        await tools.commits.commit([write(publicSql.invalidateCache, [ctx.account, ctx.region, here], { expect: 1 })]);
      } catch (error) {
        if (error instanceof WriteConflict) throw missingProject(ctx, name);
        throw error;
      }
      return {};
    },
  };
}
