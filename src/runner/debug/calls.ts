import type { DebugReceipt, Pause, PollDebugSessionOutput } from '../../services/pipewright/api.gen.ts';

/** What a build that is debugged tells the server and hears from it. They reject when the build is over, or its lease somebody else's. */
export interface DebugCalls {
  /** Waits until there is something, for some seconds. */
  poll(received: readonly DebugReceipt[], pause: Pause | undefined): Promise<PollDebugSessionOutput>;
  pause(pause: Pause | undefined): Promise<void>;
  output(sessionId: string, position: number, data: Uint8Array, exitCode?: number): Promise<void>;
}
