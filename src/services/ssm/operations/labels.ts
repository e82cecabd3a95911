import { write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api } from '../api.gen.ts';
import { parameterEvent } from '../events.ts';
import { checkLabels, isLabel } from '../rules/labels.ts';
import { sql, type LabelRow, type VersionRow } from '../tables.ts';
import { requireNewest, type SsmTools } from '../tools.ts';

type Operations = Pick<Api, 'labelParameterVersion' | 'unlabelParameterVersion'>;

async function requireVersion(tools: SsmTools, ctx: CallContext, newest: VersionRow, version: number): Promise<VersionRow> {
  const row = await tools.db.get<VersionRow>(sql.version, ctx.account, ctx.region, newest.name, version);
  if (row) return row;
  throw errors.ParameterVersionNotFound(
    `Systems Manager could not find version ${version} of ${newest.name}. Verify the version and try again.`,
  );
}

export function labelOperations(tools: SsmTools): Operations {
  const labelsOf = (ctx: CallContext, name: string) => tools.db.all<LabelRow>(sql.labels, ctx.account, ctx.region, name);
  return {
    async labelParameterVersion({ Name, ParameterVersion, Labels }, ctx) {
      const newest = await requireNewest(tools, ctx, Name);
      const row = await requireVersion(tools, ctx, newest, ParameterVersion ?? newest.version);
      const InvalidLabels = Labels.filter((label) => !isLabel(label));
      // One that is no label keeps the others away too, as with AWS.
      if (InvalidLabels.length > 0) return { InvalidLabels, ParameterVersion: row.version };
      checkLabels(await labelsOf(ctx, Name), row.version, Labels);
      const writes = Labels.map((label) => write(sql.putLabel, [ctx.account, ctx.region, Name, label, row.version]));
      await tools.commits.commit([...writes, tools.bus.write(parameterEvent(tools, ctx, row, 'LabelParameterVersion'))]);
      return { InvalidLabels, ParameterVersion: row.version };
    },

    async unlabelParameterVersion({ Name, ParameterVersion, Labels }, ctx) {
      const row = await requireVersion(tools, ctx, await requireNewest(tools, ctx, Name), ParameterVersion);
      const there = new Set((await labelsOf(ctx, Name)).filter(({ version }) => version === row.version).map(({ label }) => label));
      const RemovedLabels = Labels.filter((label) => there.has(label));
      await tools.commits.commit(RemovedLabels.map((label) => write(sql.deleteLabel, [ctx.account, ctx.region, Name, label, row.version])));
      return { RemovedLabels, InvalidLabels: Labels.filter((label) => !there.has(label)) };
    },
  };
}
