/** One of a phase's or a composite action's steps, its expressions not evaluated yet. */
export interface Step {
  /** Of the file, 1-based. */
  readonly line: number;
  readonly id?: string;
  readonly name?: string;
  /** An expression, with or without its braces. */
  readonly if?: string;
  /** Exactly one of these two is there. */
  readonly uses?: string;
  readonly run?: string;
  readonly with: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly shell?: string;
  readonly workingDirectory?: string;
  /** `true`, `false` or an expression. */
  readonly continueOnError?: string;
  /** A number or an expression. */
  readonly timeoutMinutes?: string;
}

export interface ActionInput {
  readonly required: boolean;
  readonly default?: string;
  readonly deprecationMessage?: string;
}

export type ActionRuns =
  | {
      readonly kind: 'javascript';
      /** `node20`, … */
      readonly using: string;
      readonly main: string;
      readonly pre?: string;
      readonly preIf?: string;
      readonly post?: string;
      readonly postIf?: string;
    }
  | { readonly kind: 'composite'; readonly steps: readonly Step[] }
  | {
      readonly kind: 'docker';
      /** `Dockerfile`, another file of that kind, or `docker://IMAGE`. */
      readonly image: string;
      readonly entrypoint?: string;
      readonly preEntrypoint?: string;
      readonly postEntrypoint?: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    };

/** An action's action.yml. */
export interface Action {
  readonly inputs: Readonly<Record<string, ActionInput>>;
  /** Of a composite action: what its outputs are, by name. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly runs: ActionRuns;
}

/** What a step's `uses` names. */
export type ActionReference =
  | { readonly kind: 'local'; readonly path: string }
  | { readonly kind: 'image'; readonly image: string }
  | { readonly kind: 'remote'; readonly owner: string; readonly repository: string; readonly path: string; readonly ref: string };
