import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api } from '../../pipewright/api.gen.ts';
import { buildId, type OperationTools } from '../operations/tools.ts';
import { aggregateId, isRunning, type BuildState } from '../rules/build/state.ts';
import { idOf, leasedBuild } from '../runner/leased.ts';
import type { DebugRoom, DebugRooms } from './rooms.ts';

export interface DebugTools extends OperationTools {
  readonly rooms: DebugRooms;
}

/** What runners call of debug sessions. */
export type DebugRunnerOperations = Pick<Api, 'pollDebugSession' | 'reportPause' | 'putDebugOutput'>;
/** What people's commands call. */
export type DebugOperations = Pick<Api, 'describeDebugSession' | 'sendDebugOrder' | 'readDebugOutput'>;

/** How long a command line is kept waiting for the runner before it is told to ask again, ms. */
const TAKEN_MS = 20_000;

export function debugRunnerOperations(tools: DebugTools): DebugRunnerOperations {
  return {
    async pollDebugSession({ buildArn, epoch, received, pause, waitSeconds = 0 }, ctx) {
      await leasedBuild(tools, buildArn, epoch);
      const room = tools.rooms.of(idOf(buildArn));
      room.pause = pause;
      for (const { sessionId, sequence } of received) room.session(sessionId).confirm(sequence);
      // Those who wait for their orders to be taken.
      room.bell.ring();
      const waiting = () => [...room.sessions].flatMap(([sessionId, { waiting: orders }]) => orders.map((order) => ({ sessionId, order })));
      const until = tools.clock.now() + waitSeconds * 1000;
      while (waiting().length === 0 && room.ended === undefined && !ctx.signal.aborted && !tools.leases.stopping) {
        const left = until - tools.clock.now();
        if (left <= 0) break;
        await room.bell.rung(left, ctx.signal);
      }
      return { orders: waiting(), abandoned: room.abandoned(received.map(({ sessionId }) => sessionId)) };
    },

    async reportPause({ buildArn, epoch, pause }) {
      await leasedBuild(tools, buildArn, epoch);
      tools.rooms.of(idOf(buildArn)).setPause(pause);
      return {};
    },

    async putDebugOutput({ buildArn, epoch, sessionId, position, data, exitCode }) {
      await leasedBuild(tools, buildArn, epoch);
      const room = tools.rooms.of(idOf(buildArn));
      const session = room.session(sessionId);
      session.write(position, data);
      session.exitCode ??= exitCode;
      room.bell.ring();
      return {};
    },
  };
}

interface Found {
  readonly id: string;
  readonly state: BuildState;
  readonly room: DebugRoom;
}

async function found(tools: DebugTools, ctx: CallContext, idOrArn: string): Promise<Found> {
  const wanted = buildId(idOrArn);
  const id = aggregateId(ctx.account, ctx.region, wanted);
  const state = await tools.builds.state(id);
  if (!state?.spec || state.deleted) throw errors.ResourceNotFoundException(`Build cannot be found: ${wanted}`);
  if (!isRunning(state)) tools.rooms.end(id);
  return { id, state, room: tools.rooms.of(id) };
}

function requireEnabled({ state }: Found): void {
  if (!state.spec?.debugSession)
    throw errors.InvalidInputException('The build was started without a debug session: start it with debugSessionEnabled.');
}

export function debugOperations(tools: DebugTools): DebugOperations {
  return {
    async describeDebugSession({ buildId: given }, ctx) {
      const { state, room } = await found(tools, ctx, given);
      const running = isRunning(state);
      const { spec } = state;
      const pause = running && room.pause !== undefined && { pause: room.pause };
      return { buildId: `${spec!.project}:${spec!.uuid}`, enabled: spec!.debugSession ?? false, running, ...pause };
    },

    async sendDebugOrder({ buildId: given, sessionId, order }, ctx) {
      const build = await found(tools, ctx, given);
      requireEnabled(build);
      const { state, room } = build;
      if (!isRunning(state)) throw errors.InvalidInputException('The build has ended.');
      const session = room.session(sessionId);
      const until = tools.clock.now() + TAKEN_MS;
      session.order(order);
      room.bell.ring();
      while (session.received < order.sequence && room.ended === undefined && !ctx.signal.aborted && !tools.leases.stopping) {
        session.seen = tools.clock.now();
        const left = until - tools.clock.now();
        if (left <= 0) break;
        await room.bell.rung(left, ctx.signal);
      }
      return { taken: session.received >= order.sequence };
    },

    async readDebugOutput({ buildId: given, sessionId, position, waitSeconds = 0 }, ctx) {
      const build = await found(tools, ctx, given);
      requireEnabled(build);
      const { id, room } = build;
      const session = room.session(sessionId);
      const until = tools.clock.now() + waitSeconds * 1000;
      for (;;) {
        session.seen = tools.clock.now();
        const read = session.read(position);
        const { exitCode } = session;
        const state = await tools.builds.state(id);
        const ended = !state || !isRunning(state);
        const left = until - tools.clock.now();
        if (read.data.length > 0 || exitCode !== undefined || ended || left <= 0 || ctx.signal.aborted || tools.leases.stopping)
          return { ...read, ended, ...(exitCode !== undefined && { exitCode }) };
        await room.bell.rung(left, ctx.signal);
      }
    },
  };
}
