export interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly version: string | undefined;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'));
  } catch {
    return undefined;
  }
}

/**
 * `x-amz-copy-source`: `/bucket/key` or `bucket/key`, URL-encoded, perhaps with `?versionId=`. Undefined for anything else.
 * Clients that do not encode it are understood, too, as long as their text is no broken encoding.
 */
export function parseCopySource(header: string): CopySource | undefined {
  const at = header.lastIndexOf('?versionId=');
  const path = decode(at < 0 ? header : header.slice(0, at))?.replace(/^\//, '');
  const slash = path?.indexOf('/') ?? -1;
  if (path === undefined || slash <= 0 || slash === path.length - 1) return undefined;
  const version = at < 0 ? undefined : header.slice(at + '?versionId='.length);
  return { bucket: path.slice(0, slash), key: path.slice(slash + 1), version: version === '' ? undefined : version };
}
