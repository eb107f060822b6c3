/** One step of the schema, forth and back. */
export interface Migration {
  /** From 1, without gaps. */
  readonly version: number;
  readonly name: string;
  readonly up: string;
  readonly down: string;
}
