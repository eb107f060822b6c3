/** What a process does whose power is cut. */
export interface PowerCutPlan {
  readonly path: string;
  /** After how many entries it ends by itself; `null` goes on until it is stopped. */
  readonly entries: number | null;
  /** Whether commits wait for the disk, as they do unless somebody says otherwise. */
  readonly durable: boolean;
}

/** What it tells, a line each: the numbers of the entries that were acknowledged, each once. */
export interface PowerCutMessage {
  readonly acknowledged: number;
}
