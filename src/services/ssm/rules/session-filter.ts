import type { SessionFilter } from '../api.gen.ts';

/** What is looked at of a session. Times are epoch ms. */
export interface Filtered {
  readonly sessionId: string;
  readonly target: string;
  readonly owner: string;
  readonly status: string;
  readonly started: number;
}

type Fits = (session: Filtered) => boolean;

function dateFilter(value: string, fits: (started: number, date: number) => boolean): Fits | string {
  const date = Date.parse(value);
  return Number.isNaN(date) ? `${value} is no date: use the form 2024-08-29T00:00:00Z.` : ({ started }) => fits(started, date);
}

function one({ key, value }: SessionFilter): Fits | string {
  switch (key) {
    case 'InvokedAfter':
      return dateFilter(value, (started, date) => started > date);
    case 'InvokedBefore':
      return dateFilter(value, (started, date) => started < date);
    case 'Target':
      return ({ target }) => target === value;
    case 'Owner':
      return ({ owner }) => owner === value;
    case 'Status':
      return ({ status }) => status === value;
    case 'SessionId':
      return ({ sessionId }) => sessionId === value;
    case 'AccessType':
      return () => value === 'Standard';
    default:
      return `Sessions cannot be filtered by ${String(key satisfies never)}.`;
  }
}

/** Whether a session fits all filters; a text where one of them is not understood. */
export function sessionFilter(filters: readonly SessionFilter[]): Fits | string {
  const each = filters.map(one);
  const wrong = each.find((fits) => typeof fits === 'string');
  if (typeof wrong === 'string') return wrong;
  return (session) => each.every((fits) => typeof fits !== 'string' && fits(session));
}
