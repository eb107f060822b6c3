/** The command line asks for something that cannot be done as it stands. Nothing was changed. */
export class UsageError extends Error {
  /** What to do instead. */
  readonly hint: string | null;

  constructor(message: string, hint: string | null = null) {
    super(message);
    this.name = "UsageError";
    this.hint = hint;
  }
}
