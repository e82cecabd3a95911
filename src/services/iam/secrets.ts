import type { Ids } from '../../kernel/ids.ts';

/** Random bytes as base64: 30 give the forty characters of AWS's secret access keys. */
function base64(ids: Ids, bytes: number): string {
  return Buffer.from(ids.hex(bytes), 'hex').toString('base64');
}

export const newSecretKey = (ids: Ids): string => base64(ids, 30);
export const newSessionToken = (ids: Ids): string => base64(ids, 96);
/** A password of 256 random bits. */
export const newPassword = (ids: Ids): string => base64(ids, 32);
