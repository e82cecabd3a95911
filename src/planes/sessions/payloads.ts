import { isObject } from '../../kernel/json.ts';
import { BadFrame, type Frame } from './frame.ts';

/** The types of messages; others are passed over, as AWS's agent does. */
export const MESSAGE = {
  input: 'input_stream_data',
  output: 'output_stream_data',
  acknowledge: 'acknowledge',
  closed: 'channel_closed',
  start: 'start_publication',
  pause: 'pause_publication',
} as const;

/** What a message of a stream carries. An exit code (12) is never sent: the plugin would write it on the user's screen. */
export const PAYLOAD = { data: 1, size: 3, handshakeRequest: 5, handshakeResponse: 6, handshakeComplete: 7, flag: 10 } as const;

/** Of a payload of type `flag`. */
export const TERMINATE_SESSION = 2;

const LARGEST_SIDE = 10_000;

/** The payload as a JSON object; throws BadFrame. */
function objectIn({ payload, type }: Frame): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
    if (isObject(value)) return value;
  } catch {
    // Told below, without what was sent.
  }
  throw new BadFrame(`The payload of a message of type ${type} is no JSON object.`);
}

export interface Acknowledgement {
  readonly sequence: number;
  /** Of the message that has arrived: lower case. */
  readonly id: string;
}

export function acknowledgementOf(frame: Frame): Acknowledgement {
  const { AcknowledgedMessageSequenceNumber: sequence, AcknowledgedMessageId: id } = objectIn(frame);
  if (typeof sequence !== 'number' || typeof id !== 'string') throw new BadFrame('An acknowledgement names no message.');
  return { sequence, id: id.toLowerCase() };
}

export function acknowledging({ type, id, sequence }: Frame): object {
  return {
    AcknowledgedMessageType: type,
    AcknowledgedMessageId: id,
    AcknowledgedMessageSequenceNumber: sequence,
    IsSequentialMessage: true,
  };
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A side that nobody can have is brought to one that a terminal can. */
export function sizeOf(frame: Frame): TerminalSize {
  const { cols, rows } = objectIn(frame);
  const side = (given: unknown): number => {
    if (typeof given !== 'number' || !Number.isFinite(given)) throw new BadFrame("A terminal's size is given as cols and rows.");
    return Math.min(Math.max(Math.trunc(given), 1), LARGEST_SIDE);
  };
  return { columns: side(cols), rows: side(rows) };
}

export function flagOf({ payload }: Frame): number {
  if (payload.length !== 4) throw new BadFrame('A flag has four bytes.');
  return Buffer.from(payload).readUInt32BE(0);
}

/**
 * The plugin asks for the version to know what an agent can do; from 2.3.722 on it takes our word that a session has been ended.
 * One shell, and nothing encrypted beside the connection itself.
 */
export function handshakeRequest(): object {
  const parameters = { SessionType: 'Standard_Stream', Properties: null };
  return { AgentVersion: '3.3.0.0', RequestedClientActions: [{ ActionType: 'SessionType', ActionParameters: parameters }] };
}

/** What the client could not do, where there is something; throws BadFrame. */
export function handshakeFailure(frame: Frame): string | undefined {
  const { ProcessedClientActions: actions } = objectIn(frame);
  if (!Array.isArray(actions)) throw new BadFrame('A handshake says what was done.');
  const failed: unknown = actions.find((action) => !isObject(action) || action.ActionStatus !== 1);
  if (failed === undefined) return undefined;
  const type = isObject(failed) && typeof failed.ActionType === 'string' ? failed.ActionType.slice(0, 100) : 'an action';
  return `The client could not do ${type}, which the session needs.`;
}

/** `took` in ms; on the wire it is in ns. */
export function handshakeComplete(took: number): object {
  return { HandshakeTimeToComplete: Math.round(took * 1e6), CustomerMessage: '' };
}

export interface Closing {
  readonly sessionId: string;
  readonly target: string;
  readonly id: string;
  readonly created: number;
  /** Shown to the user; empty where the session ended by itself. */
  readonly output: string;
}

export function channelClosed({ sessionId, target, id, created, output }: Closing): object {
  return {
    MessageId: id,
    CreatedDate: String(created),
    DestinationId: target,
    SessionId: sessionId,
    MessageType: MESSAGE.closed,
    SchemaVersion: 1,
    Output: output,
  };
}
