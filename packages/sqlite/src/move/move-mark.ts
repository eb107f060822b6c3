import { ConflictError } from "@titan-sync/core";
import type { Statements } from "../database/connection.js";

/** What the file says about a move of its data. */
export interface MoveMark {
  /** The file's, in all attempts to move it. */
  readonly sourceId: string;
  /** Another one after rows were written here. */
  readonly moveId: string;
  /** For people. */
  readonly target: string;
  readonly heldUntil: number;
  readonly isStale: 0 | 1;
  readonly finishedAt: number | null;
}

export function findMoveMark(statements: Statements): MoveMark | undefined {
  return statements.get<MoveMark>(
    `SELECT source_id AS sourceId, move_id AS moveId, target, held_until AS heldUntil, is_stale AS isStale,
      finished_at AS finishedAt
    FROM move`,
  );
}

/** Whether there is a table for the mark: not before the file has its tables. */
export function hasMoveTable(statements: Statements): boolean {
  return statements.get("SELECT 1 FROM sqlite_schema WHERE name = 'move'") !== undefined;
}

/**
 * Asked at the beginning of each transaction that writes. A move that was interrupted does not conflict: what it
 * has copied is out of date from then on.
 *
 * @throws {@link ConflictError} while the data is being moved, and when it was moved.
 */
export function requireNotMoved(statements: Statements, now: number): void {
  const mark = findMoveMark(statements);
  if (mark === undefined) return;
  if (mark.finishedAt !== null) throw wasMoved(mark.target);
  if (mark.heldUntil > now) {
    throw new ConflictError(`The data is being moved to ${mark.target}: nothing is written here meanwhile.`, {
      hint: "Wait for the move to finish, then use that database.",
    });
  }
  if (mark.isStale === 0) statements.run("UPDATE move SET is_stale = 1");
}

/** For whoever wants to work with data that is elsewhere. */
export function wasMoved(target: string): ConflictError {
  return new ConflictError(`The data was moved to ${target}: nothing is written here anymore.`, {
    hint: "Use the database that it was moved to: set TITAN_SYNC_DATABASE_URL.",
  });
}
