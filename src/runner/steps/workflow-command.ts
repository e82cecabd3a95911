/** A line that a step writes for its runner: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
export interface WorkflowCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly value: string;
}

const VALUE: Readonly<Record<string, string>> = { '%25': '%', '%0D': '\r', '%0A': '\n' };
const PROPERTY: Readonly<Record<string, string>> = { ...VALUE, '%3A': ':', '%2C': ',' };

const unescaped = (text: string, escapes: Readonly<Record<string, string>>): string =>
  text.replace(/%(?:25|0D|0A|3A|2C)/gi, (escape) => escapes[escape.toUpperCase()] ?? escape);

function properties(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').flatMap((pair) => {
    const [, name = '', value = ''] = /^\s*([^=]+)=(.*)$/s.exec(pair) ?? [];
    return name === '' ? [] : [[name, unescaped(value, PROPERTY)] as const];
  });
  return Object.fromEntries(pairs);
}

/** Reads `::name key=value,key=value::value`; undefined where the line is none. */
export function parseWorkflowCommand(line: string): WorkflowCommand | undefined {
  const [, head = '', value = ''] = /^\s*::(.*?)::(.*)$/s.exec(line) ?? [];
  const [, name, rest = ''] = /^([^\s]+)(?:\s+(.*))?$/s.exec(head) ?? [];
  if (name === undefined) return undefined;
  return { name: name.toLowerCase(), properties: properties(rest), value: unescaped(value, VALUE) };
}
