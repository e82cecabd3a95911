import { visit, type Alias, type Document, type Node } from 'yaml';

export interface Properties {
  /** What each alias stands for: the node that bore the anchor last before it. */
  readonly meant: ReadonlyMap<Alias, Node>;
  /** Aliases of anchors that there are not. */
  readonly unknown: readonly Alias[];
  /** Nodes with a tag of the file's own, `!name`, or none but the mark, `!`. */
  readonly tagged: readonly Node[];
}

/** Goes through a document once: to look for the anchor anew at each alias takes for ever where there are many. */
export function propertiesOf(document: Document): Properties {
  const anchors = new Map<string, Node>();
  const meant = new Map<Alias, Node>();
  const unknown: Alias[] = [];
  const tagged: Node[] = [];
  visit(document, {
    Alias: (_, alias) => {
      const node = anchors.get(alias.source);
      if (node) meant.set(alias, node);
      else unknown.push(alias);
    },
    Value: (_, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (node.tag?.startsWith('!')) tagged.push(node);
    },
  });
  return { meant, unknown, tagged };
}

/** What libyaml takes for the name of an anchor. */
const NAME = /^[\w-]+$/;

/** In libyaml's words; people forget the quotes around wildcards. */
export function unknownAlias({ source }: Alias): { readonly message: string; readonly hint?: string } {
  if (NAME.test(source)) return { message: `unknown anchor '${source}' referenced` };
  return {
    message: 'did not find expected alphabetic or numeric character',
    hint: `A * at the beginning refers to an anchor in YAML: put the text in quotes, "*${source}".`,
  };
}
