import type { OnFailure } from './types.ts';

const RETRY = /^RETRY(?:-(\d{1,3}))?(?:-(.+))?$/s;
/** CodeBuild's expressions may begin so, in place of flags behind them. */
const FLAGS = /^\(\?([ims]+)\)/;

/** `ABORT`, `CONTINUE`, `RETRY`, `RETRY-3`, `RETRY-.*timed out.*`, `RETRY-3-.*timed out.*`; undefined for nothing written. */
export function parseOnFailure(text: string | undefined): OnFailure | 'unknown' | undefined {
  if (text === undefined) return undefined;
  if (text === 'ABORT' || text === 'CONTINUE') return { kind: text };
  const retry = RETRY.exec(text);
  if (!retry) return 'unknown';
  const count = retry[1] === undefined ? 3 : Number(retry[1]);
  const [leading = '', flags = ''] = FLAGS.exec(retry[2] ?? '') ?? [];
  const pattern = retry[2]?.slice(leading.length) ?? '.*';
  if (count > 100 || !isPattern(pattern)) return 'unknown';
  return { kind: 'RETRY', count, pattern, ...(flags !== '' && { flags: [...new Set(flags)].join('') }) };
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
