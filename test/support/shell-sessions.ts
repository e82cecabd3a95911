import { Sessions, type SessionsTools } from '../../src/planes/sessions/sessions.ts';
import { sessionMigrations } from '../../src/planes/sessions/tables.ts';

export const sessionTables = { owner: 'sessions', migrations: sessionMigrations };

/** The server's own shell sessions, for services that are tried without a server. */
export function shellSessions(tools: Omit<SessionsTools, 'publicEndpoint'>): Sessions {
  return new Sessions({ ...tools, publicEndpoint: () => 'http://pipewright.test' });
}
