/** How lists are read. */
export interface ReadingSizes {
  /** Rows in a page; the API gives at most 5000. */
  readonly pageSize: number;
  /** Of a parallel first load: smaller feeds are read by the export, whose few pages are fewer requests. */
  readonly minRows: number;
  /** Of a parallel first load: rows between two checkpoints, about. */
  readonly windowRows: number;
  /** Of a parallel first load: requests under way at once. */
  readonly requests: number;
}

export const defaultReadingSizes: ReadingSizes = {
  pageSize: 1000,
  minRows: 5000,
  windowRows: 50_000,
  requests: 16,
};
