import { write } from '../../../ports/database.ts';
import { decodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api } from '../api.gen.ts';
import { EVENT_TYPES } from '../rules/event-types.ts';
import { sql } from '../tables.ts';
import { invalidToken, pageOf, requireRule, tagsOf, tagWrites, type OperationTools } from '../tools.ts';
import { summaryOf } from './rules.ts';

type Operations = Pick<Api, 'listEventTypes' | 'tagResource' | 'untagResource' | 'listTagsForResource'>;

const PAGE = 100;
const MOST_TAGS = 50;

/** What rules may be about, and the tags they have. */
export function catalogueOperations(tools: OperationTools): Operations {
  const { commits } = tools;
  return {
    async listEventTypes({ Filters = [], NextToken, MaxResults = PAGE }) {
      const after = String(decodePageToken('types', NextToken, invalidToken) ?? '');
      const found = EVENT_TYPES.filter((type) =>
        Filters.every(({ Name, Value }) => (Name === 'SERVICE_NAME' ? type.service : type.resource) === Value),
      );
      const from = after === '' ? 0 : found.findIndex(({ id }) => id === after) + 1;
      const { page, ...more } = pageOf('types', found.slice(from), MaxResults, ({ id }) => id);
      return { EventTypes: page.map(summaryOf), ...more };
    },

    async tagResource({ Arn, Tags }, ctx) {
      await requireRule(tools, ctx, Arn);
      const all = { ...(await tagsOf(tools, Arn)), ...Tags };
      if (Object.keys(all).length > MOST_TAGS) throw errors.LimitExceededException(`A rule has at most ${MOST_TAGS} tags.`);
      await commits.commit(tagWrites(Arn, Tags));
      return { Tags: all };
    },

    async untagResource({ Arn, TagKeys }, ctx) {
      await requireRule(tools, ctx, Arn);
      await commits.commit(TagKeys.map((key) => write(sql.deleteTag, [Arn, key])));
    },

    async listTagsForResource({ Arn }, ctx) {
      await requireRule(tools, ctx, Arn);
      return { Tags: await tagsOf(tools, Arn) };
    },
  };
}
