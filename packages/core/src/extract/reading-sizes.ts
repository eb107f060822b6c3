/** How lists are read. */
export interface ReadingSizes {
  /** Rows in a page; the API returns at most 5000. */
  readonly pageSize: number;
  /** For a parallel first load: smaller feeds are read from the export, which needs fewer requests. */
  readonly minRows: number;
  /** For a parallel first load: the approximate number of rows between two checkpoints. */
  readonly windowRows: number;
  /** For a parallel first load: pages of one window that are requested at once. */
  readonly pagesAtOnce: number;
}

export const defaultReadingSizes: ReadingSizes = {
  pageSize: 1000,
  minRows: 5000,
  windowRows: 50_000,
  pagesAtOnce: 16,
};
