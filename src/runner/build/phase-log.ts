import type { Phase, PhaseContext, PhaseStatus, PhaseType } from '../../services/pipewright/api.gen.ts';
import type { BuildLog } from '../output/build-log.ts';

/** The phases of a build as they pass, for the log and for the server. */
export class PhaseLog {
  readonly #log: BuildLog;
  readonly #now: () => number;
  readonly #report: (phase: Phase) => void;
  readonly phases: Phase[] = [];

  constructor(log: BuildLog, now: () => number, report: (phase: Phase) => void) {
    this.#log = log;
    this.#now = now;
    this.#report = report;
  }

  begin(phaseType: PhaseType): void {
    this.#add({ phaseType, phaseStatus: 'IN_PROGRESS', startTime: Math.floor(this.#now()) });
  }

  /** Ends the phase that is under way. */
  end(phaseStatus: PhaseStatus, context?: PhaseContext): void {
    const { phaseType, startTime } = this.phases.pop()!;
    // A command that failed is quoted: a buildspec may well hold what a store holds too.
    const contexts = [{ statusCode: context?.statusCode ?? '', message: this.#log.masked(context?.message ?? '') }];
    // CodeBuild's agent begins its log after this phase.
    const told = phaseType !== 'PROVISIONING' || phaseStatus !== 'SUCCEEDED';
    if (told) this.#tell(phaseType, phaseStatus, context);
    this.#add({ phaseType, phaseStatus, startTime, endTime: Math.floor(this.#now()), contexts });
  }

  #tell(phaseType: PhaseType, phaseStatus: PhaseStatus, context: PhaseContext | undefined): void {
    this.#log.agent(`Phase complete: ${phaseType} State: ${phaseStatus}`);
    this.#log.agent(`Phase context status code: ${context?.statusCode ?? ''} Message: ${context?.message ?? ''}`);
  }

  #add(phase: Phase): void {
    this.phases.push(phase);
    this.#report(phase);
  }
}
