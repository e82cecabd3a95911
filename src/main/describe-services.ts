import { createEngine } from '../engine/engine.ts';
import { systemClock } from '../kernel/clock.ts';
import { randomIds } from '../kernel/ids.ts';
import { silentLogger } from '../kernel/log.ts';
import type { Service } from '../protocol/service.ts';
import { createServices, type ServicesTools } from './services.ts';

/** A port that may be handed on but not used: composing a service must not touch the world. */
function inert<T extends object>(name: string): T {
  const refuse = (property: string | symbol): never => {
    throw new Error(`composing the services used ${name}.${String(property)}`);
  };
  return new Proxy({}, { get: (_, property) => () => refuse(property) }) as T;
}

/** Every service, composed over ports that do nothing and not started: for tools that ask what there is. */
export function describeServices(): readonly Service[] {
  const ids = randomIds(systemClock);
  const commits = { commit: () => Promise.reject(new Error('inert')), onTopic: () => () => {} };
  const db = inert<ServicesTools['db']>('db');
  const shared = { db, commits, clock: systemClock, ids, log: silentLogger };
  const engine = createEngine({ reader: db, ...shared });
  const stores = {
    blobs: inert<ServicesTools['stores']['blobs']>('blobs'),
    artifacts: inert<ServicesTools['stores']['artifacts']>('artifacts'),
    git: inert<ServicesTools['stores']['git']>('git'),
    logs: inert<ServicesTools['stores']['logs']>('logs'),
    secrets: inert<ServicesTools['stores']['secrets']>('secrets'),
  };
  const endpoint = (): string => 'http://localhost';
  const settings = { account: '000000000000', region: 'us-east-1' };
  const bus = inert<ServicesTools['bus']>('bus');
  return createServices({ ...shared, bus, engine, stores, settings, endpoint, publicEndpoint: endpoint }).services;
}
