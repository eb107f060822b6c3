export interface PageRequest {
  /** At most this many items. */
  readonly limit: number;
  /** The `next` of the previous page; absent for the first. */
  readonly cursor?: string | null | undefined;
}

/** One page of a list in a stable order. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** `null` on the last page. */
  readonly next: string | null;
}
