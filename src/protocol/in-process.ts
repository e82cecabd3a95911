import { formatArn, parseArn } from '../kernel/arn.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Authorise, Principal } from '../ports/authorise.ts';
import { rootPrincipal } from './authenticate.ts';
import type { Caller } from './caller.ts';
import { checkInput } from './codec/server.ts';
import type { CallContext } from './context.ts';
import { validationError } from './errors.ts';
import { invoke } from './invoke.ts';
import { methodOf } from './model.ts';
import type { Service } from './service.ts';

export interface InProcessOptions {
  readonly services: readonly Service[];
  readonly authorise: Authorise;
  readonly ids: Ids;
  /** The server's own base URL, without trailing slash. */
  readonly endpoint: () => string;
}

type Method = (input: unknown) => Promise<unknown>;
export type UntypedClients = Readonly<Record<string, Readonly<Record<string, Method>>>>;

const NEVER = new AbortController().signal;

/** Whom a caller acts as: a session of its role, or the account itself. */
export function principalOf({ role, session, purpose, account }: Caller): Principal {
  if (role === undefined) return rootPrincipal(account, purpose);
  const parts = parseArn(role);
  if (!parts || parts.service !== 'iam' || !parts.resource.startsWith('role/')) throw validationError(`${role} is no role`);
  const name = parts.resource.slice(parts.resource.lastIndexOf('/') + 1);
  const arn = formatArn('sts', '', parts.account, `assumed-role/${name}/${session}`);
  return { kind: 'role', account: parts.account, arn, id: `${name}:${session}`, ...(purpose && { session: purpose }) };
}

function contextOf(caller: Caller, options: InProcessOptions): CallContext {
  const principal = principalOf(caller);
  return {
    principal,
    account: principal.account,
    region: caller.region,
    requestId: options.ids.uuid(),
    signal: caller.signal ?? NEVER,
    endpoint: options.endpoint(),
  };
}

/** What all clients of a service share: a call needs one method of them, of sixty. */
type Methods = Readonly<Record<string, (caller: Caller, input: unknown) => Promise<unknown>>>;

function methodsOf(service: Service, options: InProcessOptions): Methods {
  const methods = Object.keys(service.model.operations).map((operation) => {
    const method = async (caller: Caller, input: unknown): Promise<unknown> => {
      const checked = checkInput(service.model, operation, input, service.refuse);
      return invoke(service, operation, checked, contextOf(caller, options), options.authorise);
    };
    return [methodOf(operation), method] as const;
  });
  return Object.fromEntries(methods);
}

function clientOf(methods: Methods, caller: Caller): Readonly<Record<string, Method>> {
  return new Proxy<Record<string, Method>>(
    {},
    {
      get(_, name) {
        const method = typeof name === 'string' && Object.hasOwn(methods, name) ? methods[name] : undefined;
        return method && ((input: unknown) => method(caller, input));
      },
    },
  );
}

/**
 * Services as their neighbours call them: validate → authorise → handler, without bytes. Clients are made when first touched.
 * The composition root gives the result its type (services/aws.gen.ts), as this room knows no service.
 */
export function inProcess(options: InProcessOptions): { as(caller: Caller): UntypedClients } {
  const byName = new Map(options.services.map((service) => [service.model.name, methodsOf(service, options)]));
  return {
    as(caller) {
      const clients: Record<string, Readonly<Record<string, Method>>> = {};
      for (const [name, methods] of byName) {
        Object.defineProperty(clients, name, {
          enumerable: true,
          configurable: true,
          get: () => remember(clients, name, clientOf(methods, caller)),
        });
      }
      return clients;
    },
  };
}

function remember<T>(target: object, name: string, value: T): T {
  Object.defineProperty(target, name, { value, enumerable: true });
  return value;
}
