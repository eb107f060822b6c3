import { ConfigError } from "../errors.js";

/** One step of the schema, forth and back. */
export interface Migration {
  /** From 1, without gaps. */
  readonly version: number;
  readonly name: string;
  readonly up: string;
  readonly down: string;
}

export type MigrationDirection = "up" | "down";

export interface MigrationStatus {
  /** The version of the database; 0 if it has none of our tables. */
  readonly current: number;
  /** The newest version that this program knows. */
  readonly latest: number;
  /** The migrations that `migrate` would apply, in order. */
  readonly pending: readonly { readonly version: number; readonly name: string }[];
  /** Whether the database is newer than this program. Then this program must not use it. */
  readonly isNewerThanProgram: boolean;
}

/** The version of a database that has all of `known`. */
export const latestOf = (known: readonly Migration[]): number => known.at(-1)?.version ?? 0;

export function statusAt(current: number, known: readonly Migration[]): MigrationStatus {
  const latest = latestOf(known);
  return {
    current,
    latest,
    pending: known.filter(({ version }) => version > current).map(({ version, name }) => ({ version, name })),
    isNewerThanProgram: current > latest,
  };
}

/**
 * The version to migrate to.
 * @throws `ConfigError` when it cannot be reached.
 */
export function targetVersion(
  known: readonly Migration[],
  direction: MigrationDirection,
  to: number | undefined,
): number {
  const latest = latestOf(known);
  const target = to ?? (direction === "up" ? latest : 0);
  if (Number.isInteger(target) && target >= 0 && target <= latest) return target;
  throw new ConfigError(`to must be a version from 0 to ${latest}, not ${JSON.stringify(target)}.`);
}

/** The migrations from the current version to another, in the order in which they are applied or reverted. */
export function stepsBetween(
  known: readonly Migration[],
  direction: MigrationDirection,
  { current, to }: { readonly current: number; readonly to: number },
): readonly Migration[] {
  return direction === "up"
    ? known.filter(({ version }) => version > current && version <= to)
    : known.filter(({ version }) => version <= current && version > to).reverse();
}

/**
 * @param what - The database, as a message names it.
 * @throws `ConfigError` for a database that a newer program has migrated.
 */
export function requireNotNewer(current: number, known: readonly Migration[], what: string): void {
  const latest = latestOf(known);
  if (current <= latest) return;
  throw new ConfigError(
    `${what} is at version ${current}, but this program only supports versions up to ${latest}.`,
    { hint: "A newer version of Titan Sync migrated this database. Install that version, or a newer one." },
  );
}
