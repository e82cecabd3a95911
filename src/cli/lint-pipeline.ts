import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { checkInput } from '../client/check-input.ts';
import type { Located } from '../kernel/code-frame.ts';
import { messageOf } from '../kernel/errors.ts';
import { model, type PipelineDeclaration } from '../services/codepipeline/api.gen.ts';
import type { Catalogues } from '../services/codepipeline/rules/catalogue.ts';
import { validatePipeline } from '../services/codepipeline/rules/validate.ts';
import { jsonFault } from './json-fault.ts';
import { mentioned, nodeAt, placeOf } from './lint-place.ts';
import type { Problem } from './problem.ts';

/** Structure rules name no region of their own; messages about unknown action types do. */
/** A file says not where it will be used. */
const PLACE = { account: '000000000000', region: 'us-east-1' };

function syntax(document: Document, text: string, lines: LineCounter): readonly Located[] {
  const fault = text.trimStart().startsWith('{') ? jsonFault(text) : undefined;
  const faults = fault ? [fault] : document.errors.map(({ message, pos: [offset] }) => ({ offset, message: message.split('\n', 1)[0]! }));
  return faults.map(({ offset, message }) => {
    const { line, col } = lines.linePos(offset);
    return { message, line, column: col, endColumn: col + 1 };
  });
}

/** A pipeline's JSON, or the YAML that the AWS CLI takes as well: syntax, then the model's shapes, then AWS's structure rules. */
export function lintPipeline(text: string, catalogue: Catalogues): readonly Problem[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  const broken = syntax(document, text, lines);
  if (broken.length > 0) return broken.map(asError);
  // `{"pipeline": {...}}` as the CLI takes it, or the pipeline itself.
  const wrapped = isMap(document.contents) && document.contents.has('pipeline');
  const value: unknown = document.toJS();
  const input = wrapped ? value : { pipeline: value };
  const shape = checkInput(model, 'CreatePipeline', withoutMetadata(input)).map(({ path, atKey, message }) => ({
    message,
    ...placeOf(nodeAt(document, wrapped ? path : path.slice(1), atKey), lines),
  }));
  if (shape.length > 0) return shape.map(asError);
  const { pipeline } = input as { pipeline: PipelineDeclaration };
  const root = wrapped ? nodeAt(document, ['pipeline'], false) : document.contents;
  const placed = (message: string): Located => ({ message, ...placeOf(isNode(root) ? mentioned(root, message) : undefined, lines) });
  const warnings = unknownTypes(pipeline, catalogue).map((message) => ({ severity: 'warning' as const, ...placed(message) }));
  return [...structure(pipeline, catalogue).map((message) => asError(placed(message))), ...warnings];
}

const asError = (found: Located): Problem => ({ severity: 'error', ...found });

/** Custom and third-party types belong to a server's accounts: whether it is there, and takes this configuration, the file cannot tell. */
function unknownTypes({ stages }: PipelineDeclaration, { actions }: Catalogues): readonly string[] {
  return stages
    .flatMap((stage) => stage.actions)
    .filter(({ actionTypeId }) => actions.find(actionTypeId, PLACE)?.open === true)
    .map(({ name, actionTypeId: { category, owner, provider, version } }) => {
      const type = `(Category: '${category}', Provider: '${provider}', Owner: '${owner}', Version: '${version}')`;
      return `ActionType ${type} in action '${name}' is not known here; the server has to have it`;
    });
}

/** What `get-pipeline` answers beside the pipeline; people edit that and send it back. */
function withoutMetadata(input: unknown): unknown {
  const { metadata: _metadata, ...rest } = input as Record<string, unknown>;
  return rest;
}

function structure(pipeline: PipelineDeclaration, catalogue: Catalogues): readonly string[] {
  try {
    validatePipeline(pipeline, catalogue, PLACE);
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}
