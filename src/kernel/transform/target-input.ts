import { PipewrightError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { parsePath, readPath } from './json-path.ts';
import { fillTemplate, placeholders } from './template.ts';

/** What a target of a rule says of its input; nothing means the whole event. At most one of the three. */
export interface InputChoice {
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: { readonly InputPathsMap?: Readonly<Record<string, string>>; readonly InputTemplate: string };
}

/** What templates may name without having mapped it. */
export interface RuleFacts {
  readonly ruleArn: string;
  readonly ruleName: string;
  /** Epoch milliseconds at which we received the event. */
  readonly ingested: number;
}

const PREDEFINED: Readonly<Record<string, (event: JsonObject, facts: RuleFacts) => unknown>> = {
  'aws.events.rule-arn': (_event, { ruleArn }) => ruleArn,
  'aws.events.rule-name': (_event, { ruleName }) => ruleName,
  'aws.events.event.ingestion-time': (_event, { ingested }) => new Date(ingested).toISOString(),
  'aws.events.event': ({ id, account, source, region, resources, version, time, 'detail-type': detailType }) => ({
    id,
    account,
    detailType,
    time,
    source,
    region,
    resources,
    version,
  }),
  'aws.events.event.json': (event) => event,
};

/** What is wrong with a target's input, in AWS's words, or undefined. */
export function inputComplaint(target: string, { Input, InputPath, InputTransformer }: InputChoice): string | undefined {
  if ([Input, InputPath, InputTransformer].filter((each) => each !== undefined).length > 1)
    return `Only one of Input, InputPath, or InputTransformer must be provided for target ${target}.`;
  if (InputPath !== undefined && !parsePath(InputPath)) return `InputPath for target ${target} is invalid.`;
  if (Input !== undefined && !isJson(Input)) return `JSON syntax error in input for target ${target}`;
  if (!InputTransformer) return undefined;
  const { InputPathsMap: paths = {}, InputTemplate: template } = InputTransformer;
  if (Object.keys(paths).some((name) => name.toUpperCase().startsWith('AWS')))
    return `InputPathsMap for target ${target} contains a name that is reserved.`;
  if (Object.values(paths).some((path) => !parsePath(path))) return `InputPathsMap for target ${target} contains an invalid path.`;
  const stranger = placeholders(template).find((name) => !Object.hasOwn(paths, name) && !Object.hasOwn(PREDEFINED, name));
  return stranger === undefined ? undefined : `InputTemplate for target ${target} contains invalid placeholder ${stranger}.`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What a target is given of an event, as text (mostly JSON). Throws where nothing can be given. */
export function targetInput(choice: InputChoice, event: JsonObject, facts: RuleFacts): string {
  const { Input, InputPath, InputTransformer } = choice;
  if (Input !== undefined) return Input;
  if (InputPath !== undefined) {
    const value = readPath(event, parsePath(InputPath) ?? []);
    if (value === undefined) throw new PipewrightError('InvalidInput', `the event has nothing at the input path ${InputPath}`);
    return JSON.stringify(value);
  }
  if (!InputTransformer) return JSON.stringify(event);
  const { InputPathsMap: paths = {}, InputTemplate: template } = InputTransformer;
  return fillTemplate(template, (name) => {
    if (Object.hasOwn(paths, name)) return readPath(event, parsePath(paths[name]!) ?? []);
    return Object.hasOwn(PREDEFINED, name) ? PREDEFINED[name]!(event, facts) : undefined;
  });
}
