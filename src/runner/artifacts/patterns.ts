import picomatch from 'picomatch';

/** One location of an artifact's `files`, `exclude-paths` or `base-directory`. */
export interface Pattern {
  readonly text: string;
  readonly isGlob: boolean;
  /** The path above the first wildcard, without slash at the end; '' for the folder itself. */
  readonly base: string;
  matches(path: string): boolean;
}

/** CodeBuild lets `**` stand beside other characters (`**.*`, `src/**.js`): it then spans folders too. */
function spanning(pattern: string): string {
  return pattern
    .split('/')
    .map((part) => (part.includes('**') && part !== '**' ? part.replace(/\*\*+/, '**/*') : part))
    .join('/');
}

/** Reads a pattern relative to a folder; hidden files match too, as in CodeBuild. */
export function pattern(text: string): Pattern {
  const clean = text
    .trim()
    .replace(/^(\.\/+)+/, '')
    .replace(/\/{2,}/g, '/');
  const glob = spanning(clean.endsWith('/') && clean !== '/' ? clean.slice(0, -1) : clean);
  const { base, isGlob } = picomatch.scan(glob);
  const matches = isGlob ? picomatch(glob, { dot: true, nonegate: true }) : (path: string) => path === glob;
  return { text: glob, isGlob, base: isGlob ? base.replace(/\/$/, '') : glob, matches };
}
