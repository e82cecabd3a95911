/** What a project's row keeps beside what the API takes. */
export interface ProjectExtras {
  /** Who knows it may see the badge; null until one was asked for. */
  readonly badge_token: string | null;
  /** The name under which its builds are public; null until they were. */
  readonly public_alias: string | null;
  /** Goes up when the caches so far are not to be used any more (InvalidateProjectCache). */
  readonly cache_generation: number;
}
