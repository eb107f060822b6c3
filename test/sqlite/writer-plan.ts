/** What a process that writes to a shared file is to do. */
export interface WriterPlan {
  readonly path: string;
  readonly companyId: string;
  /** Rows land in so many batches. */
  readonly batches: number;
  readonly rowsInBatch: number;
}

/** What it tells, a line each. */
export type WriterMessage =
  /** So many batches have landed, and were acknowledged. */
  { readonly kind: "landed"; readonly batches: number } | { readonly kind: "ended" };
