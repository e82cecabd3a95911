import { removeTree } from '../workspace.ts';
import { LABEL } from './container-spec.ts';
import type { EngineClient } from './engine/client.ts';
import { removeContainer } from './removal.ts';

export interface Helper {
  readonly client: EngineClient;
  /** Any that has a shell. */
  readonly image: string;
  readonly owner: string;
}

const denied = (error: unknown): boolean => ['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');

/** Removes a workspace. What root made in a container no other user may remove outside: then a container does it. */
export async function removeWorkspace(root: string, helper: Helper | undefined): Promise<void> {
  try {
    await removeTree(root);
  } catch (error) {
    if (!helper || !denied(error)) throw error;
    await emptyInside(root, helper);
    await removeTree(root);
  }
}

async function emptyInside(root: string, { client, image, owner }: Helper): Promise<void> {
  const body = {
    Image: image,
    User: '0:0',
    Entrypoint: ['/bin/sh', '-c', 'rm -rf -- "$0"/* "$0"/.[!.]* "$0"/..?*', root],
    Cmd: [],
    Labels: { [LABEL.owner]: owner },
    HostConfig: {
      NetworkMode: 'none',
      LogConfig: { Type: 'none' },
      SecurityOpt: ['label=disable'],
      Mounts: [{ Type: 'bind', Source: root, Target: root }],
    },
  };
  const { Id } = await client.json<{ Id: string }>('POST', '/containers/create', { body });
  try {
    await client.json('POST', `/containers/${Id}/start`);
    await client.json('POST', `/containers/${Id}/wait`, { patienceMs: 0 });
  } finally {
    await removeContainer(client, Id);
  }
}
