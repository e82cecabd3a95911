import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Busybox and nothing else: its shell, no bash. */
export const SH_IMAGE = 'test/sh:1';
/** With bash, and Docker's command line where it is installed here. A USER, an ENTRYPOINT and a variable of its own, as real images have them. */
export const BASH_IMAGE = 'test/bash:1';

const COMMANDS = ['/bin/bash', '/usr/bin/docker'];

function libraries(program: string): readonly string[] {
  try {
    return [...execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)].map((match) => match[1]!);
  } catch {
    // Linked statically.
    return [];
  }
}

function place(root: string, path: string): void {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  copyFileSync(path, join(root, path));
}

/** A root file system from this machine's own programs: no registry is asked for anything. */
function rootFiles(root: string, programs: readonly string[]): void {
  for (const folder of ['bin', 'etc', 'tmp', 'proc', 'sys', 'dev', 'root', 'var/run']) mkdirSync(join(root, folder), { recursive: true });
  place(root, '/bin/busybox');
  for (const name of execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).split('\n'))
    if (name !== '' && name !== 'busybox') symlinkSync('busybox', join(root, 'bin', name));
  for (const program of programs.filter((path) => existsSync(path))) for (const path of [program, ...libraries(program)]) place(root, path);
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nbuild:x:1000:1000::/tmp:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nbuild:x:1000:\n');
}

/** What AWS's own images say of their runtimes. */
const RUNTIMES = `version: 0.1
runtimes:
  nodejs:
    versions:
      18:
        commands:
          - echo "Installing Node.js version 18 ..."
          - export NODE_CHOSEN=$NODE_18_VERSION
      3.10:
        commands: [exit 1]
`;

function importImage(socketPath: string, image: string, tar: Buffer, changes: readonly string[]): Promise<void> {
  const changed = changes.map((change) => ['changes', change] as [string, string]);
  // The tag within the name, as Docker's command line sends it: Podman does not heed it elsewhere.
  const query = new URLSearchParams([['fromSrc', '-'], ['repo', image], ...changed]);
  return new Promise((resolve, reject) => {
    const upload = request({
      socketPath,
      method: 'POST',
      path: `/v1.40/images/create?${query.toString()}`,
      headers: { 'Content-Type': 'application/x-tar' },
    });
    upload.once('error', reject);
    upload.once('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(Buffer.concat(chunks).toString()))));
    });
    upload.end(tar);
  });
}

export async function makeImages(socketPath: string): Promise<void> {
  const made: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    [SH_IMAGE, [], ['ENV PATH=/bin']],
    [
      BASH_IMAGE,
      COMMANDS,
      ['ENV PATH=/usr/bin:/bin', 'ENV OF_IMAGE=yes', 'ENV NODE_18_VERSION=18.20.1', 'USER build', 'ENTRYPOINT ["/bin/false"]'],
    ],
  ];
  for (const [image, programs, changes] of made) {
    const folder = mkdtempSync(join(tmpdir(), 'image-'));
    try {
      rootFiles(join(folder, 'root'), programs);
      if (image === BASH_IMAGE) {
        mkdirSync(join(folder, 'root/codebuild/image/config'), { recursive: true });
        writeFileSync(join(folder, 'root/codebuild/image/config/runtimes.yml'), RUNTIMES);
      }
      execFileSync('tar', ['-C', join(folder, 'root'), '-cf', join(folder, 'image.tar'), '.']);
      await importImage(socketPath, image, readFileSync(join(folder, 'image.tar')), changes);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}
