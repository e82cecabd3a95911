import type { FileModeTypeEnum } from '../api.gen.ts';

export const FOLDER_MODE = '040000';
export const SUBMODULE_MODE = '160000';

const MODES = { NORMAL: '100644', EXECUTABLE: '100755', SYMLINK: '120000' } as const satisfies Record<FileModeTypeEnum, string>;

export function gitMode(mode: FileModeTypeEnum = 'NORMAL'): string {
  return MODES[mode];
}

/** Old repositories know more modes (100664) than git writes today. */
export function fileMode(mode: string): FileModeTypeEnum {
  if (mode === MODES.SYMLINK) return 'SYMLINK';
  return (Number.parseInt(mode, 8) & 0o100) !== 0 ? 'EXECUTABLE' : 'NORMAL';
}
