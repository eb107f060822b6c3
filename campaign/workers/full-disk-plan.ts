/** What a process does whose disk fills up. */
export interface FullDiskPlan {
  /** A small file system of its own, empty. */
  readonly directory: string;
  /** What is left to the database, in bytes; the rest is filled before the first sync. */
  readonly roomBytes: number;
  readonly seed: number;
}

/** What it tells, a line each. */
export type FullDiskMessage =
  | {
      readonly kind: "first sync";
      readonly status: string;
      /** What the user reads; `null` when the room was enough. */
      readonly error: { readonly code: string; readonly message: string } | null;
      /** Entities whose landing was acknowledged, and how many of these the file lacks. */
      readonly acknowledged: number;
      readonly lost: number;
    }
  | {
      readonly kind: "with room again";
      readonly status: string;
      readonly isWhole: boolean;
      /** Whether the records equal those of a sync that never lacked room. */
      readonly isEqual: boolean;
    };
