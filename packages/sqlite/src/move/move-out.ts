import { randomUUID } from "node:crypto";
import { ConflictError } from "@titan-sync/core";
import type { Value } from "../database/connection.js";
import { openTarget, type SqliteDatabase } from "../database/database.js";
import type { OpenTransaction } from "../database/open-transaction.js";
import { findMoveMark, type MoveMark, wasMoved } from "./move-mark.js";

export interface MoveOutOptions {
  readonly database: SqliteDatabase;
  /** A description of the target for people, without a password. */
  readonly target: string;
  /** How long other writers are refused after the last `renew`, in milliseconds. @defaultValue 15000 */
  readonly holdMs?: number | undefined;
}

/**
 * A move of all data out of a file. All other writers are refused until it is released. It can be interrupted at any
 * time and continued later.
 */
export interface MoveOut {
  /** Identifies the file; the same in all attempts to move it. */
  readonly sourceId: string;
  /** Identifies the copied state. It differs from the last attempt's if rows were written to the file since then. */
  readonly moveId: string;
  /** Whether the file already refuses writes permanently, so that only the target has to be completed. */
  readonly isFinished: boolean;
  /** Runs a read-only statement. */
  read<Row extends object>(text: string, values?: readonly Value[]): Promise<readonly Row[]>;
  /** Shows that the move is in progress. @throws `ConflictError` if rows were written to the file meanwhile. */
  renew(): Promise<void>;
  /** Permanently refuses all writes to the file. @throws `ConflictError` as `renew` does. */
  finish(): Promise<void>;
  /** Allows others to write again. The copy can be continued until they do. */
  release(): Promise<void>;
}

/**
 * Begins or continues a move of a file's data to another storage.
 *
 * @throws `ConflictError` while a run holds a lease or another process moves the data; if that ends by itself, the
 * error's `leaseEndsInMs` says when.
 */
export async function moveOut(options: MoveOutOptions): Promise<MoveOut> {
  const { holdMs = 15_000, target } = options;
  const { database } = openTarget({ database: options.database });
  const write = <Result>(work: (transaction: OpenTransaction) => Result): Promise<Result> =>
    database.transaction(work, { evenIfMoved: true });
  const mark = await write((transaction) => begin(transaction, target, database.now(), holdMs));

  const go = (set: string, value: number): Promise<void> =>
    write((transaction) => {
      const isHeld = "move_id = ?1 AND is_stale = 0 AND finished_at IS NULL";
      if (transaction.run(`UPDATE move SET ${set} = ?2 WHERE ${isHeld}`, mark.moveId, value) === 1) return;
      throw new ConflictError("Rows were written here while they were being moved.", {
        hint: "The move had given no sign of life for too long. Repeat it: it begins again.",
      });
    });
  return {
    sourceId: mark.sourceId,
    moveId: mark.moveId,
    isFinished: mark.finishedAt !== null,
    read: (text, values = []) => database.read((statements) => statements.all(text, ...values)),
    async renew() {
      if (mark.finishedAt === null) await go("held_until", database.now() + holdMs);
    },
    async finish() {
      if (mark.finishedAt === null) await go("finished_at", database.now());
    },
    release: () =>
      write((transaction) => {
        transaction.run("UPDATE move SET held_until = 0 WHERE move_id = ?1", mark.moveId);
      }),
  };
}

function begin(transaction: OpenTransaction, target: string, now: number, holdMs: number): MoveMark {
  requireNoLease(transaction, now);
  const found = findMoveMark(transaction);
  if (found !== undefined && found.finishedAt !== null) {
    if (found.target !== target) throw wasMoved(found.target);
    return found;
  }
  if (found !== undefined && found.heldUntil > now) {
    throw new ConflictError(`Another process is moving the data to ${found.target}.`, {
      hint: "Wait for it.",
      leaseEndsInMs: found.heldUntil - now,
    });
  }
  const mark: MoveMark = {
    sourceId: found?.sourceId ?? randomUUID(),
    moveId: found === undefined || found.isStale === 1 ? randomUUID() : found.moveId,
    target,
    heldUntil: now + holdMs,
    isStale: 0,
    finishedAt: null,
  };
  transaction.run("DELETE FROM move");
  transaction.run(
    "INSERT INTO move (source_id, move_id, target, held_until, is_stale) VALUES (?1, ?2, ?3, ?4, 0)",
    mark.sourceId,
    mark.moveId,
    target,
    mark.heldUntil,
  );
  return mark;
}

function requireNoLease(transaction: OpenTransaction, now: number): void {
  const live = transaction.get<{ credentialId: string; runId: string; expiresAt: number }>(
    `SELECT lease.credential_id AS credentialId, run.run_id AS runId, lease.expires_at AS expiresAt
    FROM leases lease JOIN runs run ON run.run_number = lease.run_number
    WHERE lease.expires_at > ?1 ORDER BY lease.expires_at DESC LIMIT 1`,
    now,
  );
  if (live === undefined) return;
  throw new ConflictError(`Credential ${live.credentialId} is being synced (run ${live.runId}).`, {
    hint: "Wait for the run, or stop it.",
    runId: live.runId,
    leaseEndsInMs: live.expiresAt - now,
  });
}
