/** Where an artifact lies, or is to be put. */
export interface ArtifactLocation {
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
}

/** What a source action found: becomes the execution's source revision. */
export interface SourceRevision {
  /** A commit id, a version id, an ETag. */
  readonly revisionId: string;
  readonly summary?: string;
  readonly url?: string;
  /** When it was committed, epoch ms, where the source knows. */
  readonly at?: number;
}

export type Variables = Readonly<Record<string, string>>;

/** How the provider's own run is found again, and where people look at it. */
export interface ExternalRef {
  readonly id: string;
  readonly url?: string;
}
