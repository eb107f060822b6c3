import { ConfigError, ConflictError } from "../errors.js";

/** One step of the schema, forth and back. */
export interface Migration {
  /** From 1, without gaps. */
  readonly version: number;
  readonly name: string;
  /**
   * Whether programs of the previous version keep working on it: it adds what they do not need, or removes what they no
   * longer use. Otherwise they have to be stopped before it is applied.
   */
  readonly worksWithPrevious: boolean;
  readonly up: string;
  readonly down: string;
}

/** What a database says about itself. */
export interface SchemaVersion {
  /** 0 if it has none of our tables. */
  readonly current: number;
  /** Whether the migration to `current` works with programs of the version before. */
  readonly worksWithPrevious: boolean;
}

export type MigrationDirection = "up" | "down";

export interface MigrationStatus {
  /** The version of the database; 0 if it has none of our tables. */
  readonly current: number;
  /** The newest version that this program knows. */
  readonly latest: number;
  /** The migrations that `migrate` would apply, in order. */
  readonly pending: readonly { readonly version: number; readonly name: string }[];
  /** Whether the database is newer than this program. */
  readonly isNewerThanProgram: boolean;
  /**
   * Whether this program works with the database: both have the same version, or the database is newer by one version
   * that works with programs of the version before.
   */
  readonly isUsable: boolean;
}

/** The version of a database that has all of `known`. */
export const latestOf = (known: readonly Migration[]): number => known.at(-1)?.version ?? 0;

export function statusAt(schema: SchemaVersion, known: readonly Migration[]): MigrationStatus {
  const { current } = schema;
  const latest = latestOf(known);
  return {
    current,
    latest,
    pending: known.filter(({ version }) => version > current).map(({ version, name }) => ({ version, name })),
    isNewerThanProgram: current > latest,
    isUsable: current === latest || isUsableNewer(schema, latest),
  };
}

function isUsableNewer({ current, worksWithPrevious }: SchemaVersion, latest: number): boolean {
  return current === latest + 1 && worksWithPrevious;
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
 * @throws `ConfigError` for a database whose version this program does not work with.
 */
export function requireUsableSchema(
  schema: SchemaVersion,
  known: readonly Migration[],
  what: string,
  hint = "Run `titan-sync migrate up` with this version of Titan Sync, or call `migrate`.",
): void {
  const latest = latestOf(known);
  if (schema.current === 0 && latest > 0) throw new ConfigError(`${what} has no tables yet.`, { hint });
  if (schema.current < latest) {
    throw new ConfigError(
      `${what} is at version ${schema.current}, but this program needs version ${latest}.`,
      {
        hint,
      },
    );
  }
  requireNotTooNew(schema, known, what);
}

/** {@link requireUsableSchema} for a database that may be older, or empty. */
export function requireNotTooNew(schema: SchemaVersion, known: readonly Migration[], what: string): void {
  const latest = latestOf(known);
  const { current } = schema;
  if (current <= latest || isUsableNewer(schema, latest)) return;
  throw new ConfigError(
    current === latest + 1
      ? `${what} is at version ${current}, which does not work with programs of version ${latest} such as this one.`
      : `${what} is at version ${current}, but this program only supports versions up to ${latest}.`,
    { hint: newerHint },
  );
}

/**
 * @throws `ConfigError` for a database that a newer program has migrated: this one does not know how to revert that.
 */
export function requireNotNewer(current: number, known: readonly Migration[], what: string): void {
  const latest = latestOf(known);
  if (current <= latest) return;
  throw new ConfigError(
    `${what} is at version ${current}, but this program only supports versions up to ${latest}.`,
    { hint: newerHint },
  );
}

const newerHint =
  "A newer version of Titan Sync migrated this database. Install that version, or a newer one.";

/** The program versions, both ends included, of owners of runs that a migration must not be applied or reverted under. */
export function unfitOwners(
  { version, worksWithPrevious }: Migration,
  direction: MigrationDirection,
): { readonly from: number; readonly to: number } {
  if (direction === "up") return { from: 0, to: worksWithPrevious ? version - 2 : version - 1 };
  return { from: version === 1 ? 0 : version, to: 2 ** 31 - 1 };
}

/** Programs that a migration does not suit have syncs in progress. */
export function syncsInProgress(count: number, { version }: Migration, what: string): ConflictError {
  const syncs = count === 1 ? "1 sync is" : `${count} syncs are`;
  return new ConflictError(
    `${syncs} in progress in programs that would not work with ${what} after its migration ${version}.`,
    {
      hint: "Stop them, and migrate again: workers hand their syncs over to the new ones. The syncs of a killed program are in progress for 30 more seconds.",
    },
  );
}
