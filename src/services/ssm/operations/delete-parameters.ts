import { write, type Write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { parseReference } from '../rules/names.ts';
import type { Api } from '../api.gen.ts';
import { parameterEvent } from '../events.ts';
import { sql, type VersionRow } from '../tables.ts';
import { findNewest, notFound, type SsmTools } from '../tools.ts';

type Operations = Pick<Api, 'deleteParameter' | 'deleteParameters'>;

export function deleteOperations(tools: SsmTools): Operations {
  const find = async (text: string, ctx: CallContext): Promise<VersionRow | undefined> => {
    const reference = parseReference(text, ctx);
    // A single version cannot be deleted, and whoever names one must not lose them all.
    for (const name of reference?.selector === undefined ? (reference?.names ?? []) : []) {
      const row = await findNewest(tools, ctx, name);
      if (row) return row;
    }
    return undefined;
  };
  const removal = (ctx: CallContext, row: VersionRow): Write[] => {
    const key = [ctx.account, ctx.region, row.name];
    const statements = [sql.deleteParameter, sql.deleteVersions, sql.deleteLabels, sql.deleteTags];
    return [...statements.map((statement) => write(statement, key)), tools.bus.write(parameterEvent(tools, ctx, row, 'Delete'))];
  };
  return {
    async deleteParameter({ Name }, ctx) {
      const row = await find(Name, ctx);
      if (!row) throw notFound();
      await tools.commits.commit(removal(ctx, row));
    },

    async deleteParameters({ Names }, ctx) {
      const rows = await Promise.all(Names.map((name) => find(name, ctx)));
      await tools.commits.commit(rows.flatMap((row) => (row ? removal(ctx, row) : [])));
      return { DeletedParameters: Names.filter((_, i) => rows[i]), InvalidParameters: Names.filter((_, i) => !rows[i]) };
    },
  };
}
