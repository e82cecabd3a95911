import { BlockList, isIP } from 'node:net';
import { parsePath, readPath } from '../../../kernel/transform/json-path.ts';
import { errors, type ActionDeclaration, type PipelineDeclaration, type WebhookDefinition, type WebhookFilterRule } from '../api.gen.ts';
import type { Variables } from './values.ts';

/** What a secret is shown as. */
export const MASK = '****';

const badFilter = (message: string) => errors.InvalidWebhookFilterPatternException(message);
const badAuthentication = (message: string) => errors.InvalidWebhookAuthenticationParametersException(message);

/** The source action that a webhook starts. Throws ValidationException. */
export function targetAction(definition: WebhookDefinition, declaration: PipelineDeclaration): ActionDeclaration {
  const action = declaration.stages[0]?.actions.find(({ name }) => name === definition.targetAction);
  if (!action) throw errors.ValidationException(`The pipeline '${declaration.name}' has no source action '${definition.targetAction}'.`);
  return action;
}

/** `known`: a secret is kept from before, so that none need be given. Throws AWS's error for the first thing that is wrong. */
export function validateWebhook({ authentication, authenticationConfiguration, filters }: WebhookDefinition, known: boolean): void {
  const { SecretToken: secret, AllowedIPRange: range } = authenticationConfiguration;
  if (authentication === 'GITHUB_HMAC' && (secret === undefined || (secret === MASK && !known)))
    throw badAuthentication('GITHUB_HMAC needs a SecretToken.');
  if (authentication === 'IP' && (range === undefined || !blockOf(range)))
    throw badAuthentication('IP needs an AllowedIPRange in CIDR notation.');
  if (authentication !== 'GITHUB_HMAC' && secret !== undefined) throw badAuthentication(`${authentication} takes no SecretToken.`);
  if (authentication !== 'IP' && range !== undefined) throw badAuthentication(`${authentication} takes no AllowedIPRange.`);
  if (filters.length === 0) throw badFilter('At least one filter is needed.');
  const bad = filters.find(({ jsonPath }) => !parsePath(jsonPath));
  if (bad) throw badFilter(`The JSON path '${bad.jsonPath}' is not valid.`);
}

function blockOf(range: string): BlockList | undefined {
  const [address = '', bits = ''] = range.split('/', 2);
  const family = isIP(address);
  if (family === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) return undefined;
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return block;
}

/** Whether an address (IPv4 perhaps written as IPv6) is in the range. */
export function isInRange(range: string, address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  return isIP(plain) !== 0 && (blockOf(range)?.check(plain, isIP(plain) === 4 ? 'ipv4' : 'ipv6') ?? false);
}

/** `{Branch}` stands for the action's configuration of that name; one that it does not have stands for itself. */
function resolved(text: string, configuration: Variables): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => configuration[name] ?? whole);
}

function fits({ jsonPath, matchEquals }: WebhookFilterRule, payload: unknown, configuration: Variables): boolean {
  const found = readPath(payload, parsePath(jsonPath) ?? []);
  if (found === undefined || found === null) return false;
  if (matchEquals === undefined) return true;
  const wanted = resolved(matchEquals, configuration);
  const values: readonly unknown[] = Array.isArray(found) ? (found as unknown[]) : [found];
  return values.some((value) => String(value) === wanted);
}

/** The first filter that says no; all have to say yes. https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_WebhookFilterRule.html */
export function refusingFilter(filters: readonly WebhookFilterRule[], payload: unknown, configuration: Variables): string | undefined {
  const no = filters.find((filter) => !fits(filter, payload, configuration));
  if (!no) return undefined;
  const wanted = no.matchEquals === undefined ? 'is not there' : `is not '${resolved(no.matchEquals, configuration)}'`;
  return `${no.jsonPath} ${wanted}`;
}
