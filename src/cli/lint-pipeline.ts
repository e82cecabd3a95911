import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { checkInput } from '../client/check-input.ts';
import type { Located } from '../kernel/code-frame.ts';
import { messageOf } from '../kernel/errors.ts';
import { model, type PipelineDeclaration } from '../services/codepipeline/api.gen.ts';
import type { Catalogues } from '../services/codepipeline/rules/catalogue.ts';
import { validatePipeline } from '../services/codepipeline/rules/validate.ts';
import { jsonFault } from './json-fault.ts';
import { mentioned, nodeAt, placeOf } from './lint-place.ts';

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
export function lintPipeline(text: string, catalogue: Catalogues): readonly Located[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  const broken = syntax(document, text, lines);
  if (broken.length > 0) return broken;
  // `{"pipeline": {...}}` as the CLI takes it, or the pipeline itself.
  const wrapped = isMap(document.contents) && document.contents.has('pipeline');
  const value: unknown = document.toJS();
  const input = wrapped ? value : { pipeline: value };
  const shape = checkInput(model, 'CreatePipeline', withoutMetadata(input)).map(({ path, atKey, message }) => ({
    message,
    ...placeOf(nodeAt(document, wrapped ? path : path.slice(1), atKey), lines),
  }));
  if (shape.length > 0) return shape;
  return structure((input as { pipeline: PipelineDeclaration }).pipeline, catalogue).map((message) => {
    const root = wrapped ? nodeAt(document, ['pipeline'], false) : document.contents;
    return { message, ...placeOf(isNode(root) ? mentioned(root, message) : undefined, lines) };
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
