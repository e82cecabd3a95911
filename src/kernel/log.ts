/** What the server says about itself (not the user's logs): one JSON object a line. */
export interface Logger {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export const silentLogger: Logger = { info() {}, warn() {}, error() {} };

/** Writes one JSON object a line through `write`. Callers never pass secrets in fields. */
export function jsonLogger(write: (line: string) => void, now: () => number): Logger {
  const emit =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) =>
      write(JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...fields }) + '\n');
  return { info: emit('info'), warn: emit('warn'), error: emit('error') };
}
