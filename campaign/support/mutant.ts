/** A mistake that somebody could make, and the test that must not let it pass. */
export interface Mutant {
  /** What is wrong then. */
  readonly mistake: string;
  /** From the workspace's root. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly original: string;
  readonly replacement: string;
  /** A test file, from the workspace's root, and a part of the test's title. */
  readonly test: { readonly file: string; readonly title: string };
}
