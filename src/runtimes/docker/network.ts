import { EngineRefusal } from './engine/errors.ts';
import type { Engine } from './engine/find.ts';

/** The network that we make, where a build is to be on it and it is not there. */
export const OWN_NETWORK = 'pipewright';

/** Its gateway is the address where AWS's containers fetch their credentials; so this machine has it. */
const BODY = {
  Name: OWN_NETWORK,
  Driver: 'bridge',
  IPAM: { Config: [{ Subnet: '169.254.170.0/24', Gateway: '169.254.170.2' }] },
};

const isRefusal = (error: unknown, status: number): boolean => error instanceof EngineRefusal && error.status === status;

/** Rejects (EngineRefusal) where the engine cannot make it: its addresses are taken. Networks of other names are their administrator's. */
export async function ensureNetwork({ client }: Engine, name: string): Promise<void> {
  if (name !== OWN_NETWORK) return;
  try {
    await client.json('GET', `/networks/${name}`);
  } catch (error) {
    if (!isRefusal(error, 404)) throw error;
    await client.json('POST', '/networks/create', { body: BODY }).catch((refusal: unknown) => {
      // Somebody else was faster.
      if (!isRefusal(refusal, 409)) throw refusal;
    });
  }
}
