import { createHash } from 'node:crypto';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { ApprovalLinks, WaitingApproval } from '../../ports/approval-links.ts';
import { write, type Commits, type Reader } from '../../ports/database.ts';
import type { SecretBox } from '../../ports/secrets.ts';
import { sql, type LinkRow } from './tables.ts';

export const PREFIX = '/_pipewright/approvals/';
const TOKEN_BYTES = 32;
/** Links can be looked at for this long after they have expired, ms: the page says what became of them. */
const KEEP_MS = 30 * 86_400_000;

export interface LinkTools {
  readonly db: Reader;
  readonly commits: Commits;
  readonly secrets: SecretBox;
  readonly clock: Clock;
  readonly ids: Ids;
  /** The base URL under which people reach us, no trailing slash. */
  readonly publicEndpoint: () => string;
}

/** A link as it was found. */
export interface FoundLink {
  /** Names the link where its token must not be. */
  readonly hash: string;
  readonly approval: WaitingApproval;
  readonly decision: string | undefined;
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Makes links and keeps what they are about. */
export function approvalLinks({ commits, secrets, clock, ids, publicEndpoint }: LinkTools): ApprovalLinks {
  return {
    home: publicEndpoint,
    async issue(approval) {
      const token = ids.hex(TOKEN_BYTES);
      const row = [hashOf(token), secrets.seal(JSON.stringify(approval)), approval.expires];
      await commits.commit([write(sql.pruneLinks, [clock.now() - KEEP_MS]), write(sql.insertLink, row)]);
      const review = `${publicEndpoint()}${PREFIX}${token}`;
      return { review, approve: `${review}?decision=approve`, reject: `${review}?decision=reject` };
    },
  };
}

/** The link of this token; undefined for texts that are no token of ours. */
export async function findLink({ db, secrets }: Pick<LinkTools, 'db' | 'secrets'>, token: string): Promise<FoundLink | undefined> {
  if (!/^[0-9a-f]+$/.test(token) || token.length !== 2 * TOKEN_BYTES) return undefined;
  const row = await db.get<LinkRow>(sql.link, hashOf(token));
  if (!row) return undefined;
  return { hash: row.hash, approval: JSON.parse(secrets.open(row.approval)) as WaitingApproval, decision: row.decision ?? undefined };
}
