/** What a process does whose power is cut. */
export interface PowerCutPlan {
  readonly path: string;
}

/** What it tells, a line each: the numbers of the entries that were acknowledged, each once. */
export interface PowerCutMessage {
  readonly acknowledged: number;
}
