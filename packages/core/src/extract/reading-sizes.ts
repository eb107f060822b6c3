/** How lists are read. */
export interface ReadingSizes {
  /** Rows in a page; the API gives at most 5000. */
  readonly pageSize: number;
  /** Of a parallel first load: smaller feeds are read by the export, whose few pages are fewer requests. */
  readonly minRows: number;
  /** Of a parallel first load: rows between two checkpoints, about. */
  readonly windowRows: number;
  /** Of a parallel first load: pages of one window that are requested at once. */
  readonly pagesAtOnce: number;
}

export const defaultReadingSizes: ReadingSizes = {
  pageSize: 1000,
  minRows: 5000,
  windowRows: 50_000,
  pagesAtOnce: 16,
};
