import { TextDecoder } from 'node:util';
import { streamInside } from '../../kernel/open-inside.ts';
import type { ReportReader } from '../../services/codebuild/rules/reports/types.ts';
import type { SelectedFile } from '../artifacts/select.ts';

const DECLARED = /^<\?xml[^>]*\sencoding\s*=\s*["']([\w.-]+)["']/;

/** UTF-16 shows by its byte order mark, and without one by the zero beside the first character, which is ASCII in every format. */
function wide([first, second]: Buffer): string | undefined {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le';
  return (first === 0xfe && second === 0xff) || (first === 0 && second !== 0 && second !== undefined) ? 'utf-16be' : undefined;
}

/** By its first bytes, else as the XML declaration says; .NET declares UTF-16 also for what it then writes as UTF-8. */
function decoderOf(head: Buffer): TextDecoder {
  const encoding = wide(head);
  if (encoding !== undefined) return new TextDecoder(encoding);
  const declared = DECLARED.exec(head.subarray(0, 256).toString('latin1'))?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(/^utf-?16/i.test(declared) ? 'utf-8' : declared);
  } catch {
    // An encoding that nobody knows: most of such files are ASCII all the same.
    return new TextDecoder('utf-8');
  }
}

/** Feeds a file to a reader, piece by piece; `afterEach` is waited for after each piece. */
export async function readFileInto(
  { source, within }: Pick<SelectedFile, 'source' | 'within'>,
  reader: ReportReader,
  afterEach: () => Promise<void>,
): Promise<void> {
  let decoder: TextDecoder | undefined;
  for await (const chunk of streamInside(source, within) as AsyncIterable<Buffer>) {
    decoder ??= decoderOf(chunk);
    reader.write(decoder.decode(chunk, { stream: true }));
    await afterEach();
  }
  reader.write(decoder?.decode() ?? '');
  reader.end();
  await afterEach();
}
