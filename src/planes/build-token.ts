import { isObject } from '../kernel/json.ts';
import type { SecretBox } from '../ports/secrets.ts';

/** What a build's sealed authorization token says: whose credentials, and the role's ARN for display. Undefined for a token that is not ours. */
export function openBuildToken(secrets: SecretBox, token: string): { readonly accessKeyId: string; readonly role: string } | undefined {
  try {
    const value: unknown = JSON.parse(secrets.open(token));
    if (!isObject(value) || typeof value.accessKeyId !== 'string' || typeof value.role !== 'string') return undefined;
    return { accessKeyId: value.accessKeyId, role: value.role };
  } catch {
    // Any text may come in a header: what cannot be opened is simply not a token.
    return undefined;
  }
}
