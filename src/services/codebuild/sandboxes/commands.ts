import { write, type Reader, type Write } from '../../../ports/database.ts';
import type { CommandExecution, Sandbox } from '../api.gen.ts';
import { commandSql as sql } from './tables.ts';

export interface SandboxKey {
  readonly account: string;
  readonly region: string;
  /** `PROJECT:UUID` */
  readonly sandbox: string;
}

const key = ({ account, region, sandbox }: SandboxKey) => [account, region, sandbox] as const;

export async function openCommands(db: Reader, of: SandboxKey, most: number): Promise<readonly CommandExecution[]> {
  const rows = await db.all<{ data: string }>(sql.open, ...key(of), most);
  return rows.map(({ data }) => JSON.parse(data) as CommandExecution);
}

/** Changes a command that has not ended. */
export function changed(of: SandboxKey, command: CommandExecution): Write {
  const open = command.endTime === undefined ? 1 : 0;
  return write(sql.update, [open, JSON.stringify(command), ...key(of), command.id!]);
}

/** A sandbox that has ended answers no command any more: they end with it. */
export async function endedWith(db: Reader, of: SandboxKey, { endTime, status }: Sandbox): Promise<readonly Write[]> {
  if (endTime === undefined) return [];
  const left = await openCommands(db, of, 1_000);
  return left.map((command) => changed(of, { ...command, status: status === 'STOPPED' ? 'STOPPED' : 'FAILED', endTime }));
}
