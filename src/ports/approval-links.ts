/** An approval that waits, with all that whoever decides is to see. */
export interface WaitingApproval {
  readonly account: string;
  readonly region: string;
  readonly pipeline: string;
  readonly executionId: string;
  readonly stage: string;
  readonly action: string;
  readonly actionExecutionId: string;
  /** What PutApprovalResult must bring. */
  readonly token: string;
  /** Epoch ms at which the action times out. */
  readonly expires: number;
  readonly customData?: string;
  readonly externalEntityLink?: string;
}

/** Addresses of a page on which a waiting approval is decided, once, by whoever has one of them. Reading it decides nothing. */
export interface ApprovalLink {
  readonly review: string;
  /** The same page, with this decision proposed. */
  readonly approve: string;
  readonly reject: string;
}

export interface ApprovalLinks {
  /** A new link, kept until the approval expires. */
  issue(approval: WaitingApproval): Promise<ApprovalLink>;
  /** The server's own front page. */
  home(): string;
}
