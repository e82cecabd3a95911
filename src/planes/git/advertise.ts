import type { ByteStream } from '../../ports/blobs.ts';
import type { Git, GitServiceName } from '../../ports/git.ts';
import { capabilitiesOf, receiveListing } from './listing.ts';
import { FLUSH, pktLine } from './pkt-line.ts';

async function collect(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Whether the client's Git-Protocol header (`version=2`, keys parted by colons) asks for this version. */
export function speaks(protocol: string | undefined, version: number): boolean {
  return protocol?.split(':').includes(`version=${version}`) ?? false;
}

/**
 * The first answer of a conversation. What it says beside the references depends on the installed git only: git is asked once,
 * and afterwards no process is started. (Old clients, protocol versions 0 and 1, get git's own answer to a fetch.)
 */
export class Advertiser {
  readonly #git: Git;
  #fetchVersion2: Buffer | undefined;
  #pushCapabilities: string | undefined;

  constructor(git: Git) {
    this.#git = git;
  }

  async answer(repository: string, service: GitServiceName, protocol: string | undefined): Promise<Buffer> {
    if (service === 'git-receive-pack') return this.#push(repository);
    if (!speaks(protocol, 2)) return this.#prefixed(service, await this.#ask(repository, service, protocol));
    return (this.#fetchVersion2 ??= await this.#ask(repository, service, 'version=2'));
  }

  async #push(repository: string): Promise<Buffer> {
    const service = 'git-receive-pack';
    this.#pushCapabilities ??= capabilitiesOf(await this.#ask(repository, service, undefined));
    if (this.#pushCapabilities === undefined) throw new Error('git receive-pack names no capabilities');
    const listing = receiveListing(await this.#git.refs(repository), this.#pushCapabilities);
    return this.#prefixed(service, Buffer.from(listing));
  }

  #prefixed(service: GitServiceName, listing: Buffer): Buffer {
    return Buffer.concat([Buffer.from(pktLine(`# service=${service}\n`) + FLUSH), listing]);
  }

  async #ask(repository: string, service: GitServiceName, protocol: string | undefined): Promise<Buffer> {
    const child = this.#git.serve(repository, { service, advertise: true, ...(protocol !== undefined && { protocol }) });
    const [listing, { code }] = await Promise.all([collect(child.stdout), child.exit]);
    if (code !== 0) throw new Error(`${service} ended with ${code}: ${child.stderr().trim()}`);
    return listing;
  }
}
