import type { Node } from 'yaml';
import type { Tree } from '../buildspec/tree.ts';
import { parseCondition, parseTemplate } from '../expressions/template.ts';
import { ExpressionError } from '../expressions/value.ts';

type MaybeNode = Node | null | undefined;

function reading(tree: Tree, node: MaybeNode, text: string, read: (text: string) => unknown): void {
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const near = error.at === undefined ? '' : ` near ${JSON.stringify(text.slice(error.at, error.at + 20))}`;
    tree.fail(node, `${error.message}${error.at !== undefined && error.at < text.length ? near : ''}`);
  }
}

/** Says what is wrong with the expressions in a text. */
export const checkTemplate = (tree: Tree, node: MaybeNode, text: string): void => reading(tree, node, text, parseTemplate);

export const checkCondition = (tree: Tree, node: MaybeNode, text: string): void => reading(tree, node, text, parseCondition);
