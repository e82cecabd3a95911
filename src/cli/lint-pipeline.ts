import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, visit, type Document, type Node } from 'yaml';
import type { Located } from '../kernel/code-frame.ts';
import { isObject } from '../kernel/json.ts';
import type { PipelineDeclaration } from '../services/codepipeline/api.gen.ts';
import type { Catalogue } from '../services/codepipeline/rules/catalogue.ts';
import { validatePipeline } from '../services/codepipeline/rules/validate.ts';

/** Where a node stands, 1-based. */
function place(node: Node | null | undefined, lines: LineCounter): Pick<Located, 'line' | 'column' | 'endColumn'> {
  const [from, to] = node?.range ?? [0, 1];
  const start = lines.linePos(from);
  const end = lines.linePos(to);
  return { line: start.line, column: start.col, endColumn: end.line === start.line ? Math.max(end.col, start.col + 1) : start.col + 1 };
}

/** The scalar whose text the message quotes, or names as a word of its own: the best guess at what it is about. */
function mentioned(document: Document, message: string): Node | undefined {
  let best: { node: Node; length: number } | undefined;
  visit(document, {
    Scalar(_key, node) {
      const { value } = node;
      if (typeof value !== 'string' || value.length < 2 || (best && best.length >= value.length)) return;
      const words = message.split(/[^A-Za-z0-9_.@-]+/);
      if (message.includes(`'${value}'`) || words.includes(value)) best = { node, length: value.length };
    },
  });
  return best?.node;
}

function missing(document: Document, lines: LineCounter): Located | undefined {
  const root = pipelineNode(document);
  if (!isMap(root))
    return { message: 'A pipeline is an object with name, roleArn and stages.', ...place(document.contents as Node, lines) };
  for (const key of ['name', 'roleArn', 'stages']) {
    if (!root.has(key)) return { message: `The pipeline has no ${key}.`, ...place(root, lines) };
  }
  const stages = root.get('stages', true);
  if (!isSeq(stages)) return { message: 'stages must be a list.', ...place(stages, lines) };
  for (const stage of stages.items) {
    const actions: unknown = isMap(stage) ? stage.get('actions', true) : undefined;
    if (!isMap(stage) || !stage.has('name') || !isSeq(actions)) {
      return { message: 'A stage has a name and a list of actions.', ...place(stage as Node, lines) };
    }
    const fault = actions.items.find((action) => !isMap(action) || !action.has('name') || !isMap(action.get('actionTypeId', true)));
    if (fault)
      return { message: 'An action has a name and an actionTypeId (category, owner, provider, version).', ...place(fault as Node, lines) };
  }
  return undefined;
}

/** `{"pipeline": {...}}` as the CLI takes it, or the pipeline itself. */
function pipelineNode(document: Document): unknown {
  const root = document.contents;
  if (!isMap(root)) return root;
  const inner = root.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === 'pipeline');
  return inner ? inner.value : root;
}

/** A pipeline's JSON (or YAML): syntax, shape, and AWS's structure rules, each with its place. */
export function lintPipeline(text: string, catalogue: Catalogue): readonly Located[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    return document.errors.map(({ message, pos: [from] }) => {
      const { line, col } = lines.linePos(from);
      return { message: message.split('\n', 1)[0]!.replace(/ at line .*$/, ''), line, column: col, endColumn: col + 1 };
    });
  }
  const shape = missing(document, lines);
  if (shape) return [shape];
  const value: unknown = document.toJS();
  const declaration = (isObject(value) && isObject(value.pipeline) ? value.pipeline : value) as unknown as PipelineDeclaration;
  try {
    validatePipeline(declaration, catalogue, 'us-east-1');
    return [];
  } catch (error) {
    const { message } = error as Error;
    return [{ message, ...place(mentioned(document, message) ?? (document.contents as Node), lines) }];
  }
}
