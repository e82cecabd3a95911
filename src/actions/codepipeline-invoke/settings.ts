import { isObject } from '../../kernel/json.ts';
import type { StartPipelineExecutionInput } from '../../services/codepipeline/api.gen.ts';
import type { ActionJob } from '../../services/codepipeline/provider.ts';

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-PipelineInvoke.html */
export const settings = {
  PipelineName: { required: true, type: 'String', description: 'The pipeline to start.' },
  SourceRevisions: {
    required: false,
    type: 'String',
    description: 'A JSON array of {actionName, revisionType, revisionValue}: the revisions on which to start it.',
  },
  Variables: { required: false, type: 'String', description: 'A JSON array of {name, value}: pipeline variables to start it with.' },
} as const;

/** Reads a JSON array of objects that have these keys, all text; undefined where it is anything else. */
function records<K extends string>(text: string | undefined, keys: readonly K[]): readonly Record<K, string>[] | undefined {
  if (text === undefined || text.trim() === '') return [];
  const items = parse(text);
  if (!Array.isArray(items)) return undefined;
  const right = (item: unknown): item is Record<K, string> => isObject(item) && keys.every((key) => typeof item[key] === 'string');
  return items.every(right) ? items : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The start call that the configuration describes; the service checks what it says. The same job starts one execution. */
export function startInput({ id, configuration }: ActionJob): StartPipelineExecutionInput | { readonly problem: string } {
  const { PipelineName: name = '', SourceRevisions, Variables } = configuration;
  const revisions = records(SourceRevisions, ['actionName', 'revisionType', 'revisionValue']);
  if (!revisions)
    return { problem: 'SourceRevisions must be a JSON array of {"actionName": "…", "revisionType": "…", "revisionValue": "…"}.' };
  const variables = records(Variables, ['name', 'value']);
  if (!variables) return { problem: 'Variables must be a JSON array of {"name": "…", "value": "…"}.' };
  return {
    name,
    clientRequestToken: id,
    ...(variables.length > 0 && { variables }),
    ...(revisions.length > 0 && { sourceRevisions: revisions as StartPipelineExecutionInput['sourceRevisions'] }),
  };
}
