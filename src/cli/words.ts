import { duration } from './render.ts';

/** A time as people read it, in the local zone: `2026-11-21 08:41:12`. */
export function moment(ms: number): string {
  const at = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return at.toISOString().slice(0, 19).replace('T', ' ');
}

/** How long that is ago: `6m 02s`, `3d 4h`. */
export function long(ms: number): string {
  const hours = Math.floor(ms / 3_600_000);
  return hours < 48 ? duration(ms) : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

export function plural(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

/** Columns side by side, each as wide as its widest cell; numbers (`right`) end in line. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const cell = (text: string, column: number) => (right.includes(column) ? text.padStart(widths[column]!) : text.padEnd(widths[column]!));
  return rows.map((row) => row.map(cell).join('  ').trimEnd());
}
