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
  // Brackets are letters like any other: folders are called so, `app/(shop)/*`.
  const escaped = glob.replace(/(?<!\\)[()]/g, '\\$&');
  const { base, isGlob } = picomatch.scan(escaped);
  if (!isGlob) return { text: glob, isGlob, base: glob, matches: (path) => path === glob };
  const matches = picomatch(escaped, { dot: true, nonegate: true, posix: true });
  return { text: glob, isGlob, base: base.replace(/\\(?=[()])/g, '').replace(/\/$/, ''), matches };
}
