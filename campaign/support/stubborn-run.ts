import { setTimeout as delay } from "node:timers/promises";
import {
  ConflictError,
  createTitanSync,
  type RunResult,
  type SyncRequest,
  staticKeys,
  type TitanSync,
  TitanSyncError,
  type TitanSyncOptions,
} from "@titan-sync/core";
import type { Source } from "./sources.js";

/** How one attempt at a run went: its status, or the code of what kept it from being stored. */
export type Attempt = RunResult["status"] | `not stored: ${string}` | `not begun: ${string}`;

const maxAttempts = 100;

/** A host that starts its sync again until it has completed, as a schedule would. */
export async function runUntilCompleted(
  titan: TitanSync,
  request: SyncRequest,
  note: (attempt: Attempt) => void,
): Promise<void> {
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const outcome = await attemptRun(titan, request);
    note(outcome);
    if (outcome === "completed") return;
    await delay(50);
  }
  throw new Error(`The run had not completed after ${maxAttempts} attempts.`);
}

async function attemptRun(titan: TitanSync, request: SyncRequest): Promise<Attempt> {
  let run: Awaited<ReturnType<TitanSync["sync"]>>;
  try {
    run = await titan.sync(request);
  } catch (error) {
    if (!TitanSyncError.is(error)) throw error;
    if (error instanceof ConflictError) await delay(error.leaseEndsInMs ?? 0);
    return `not begun: ${error.code}`;
  }
  try {
    return (await run.result).status;
  } catch (error) {
    if (!TitanSyncError.is(error)) throw error;
    return `not stored: ${error.code}`;
  }
}

/** An instance in this process that reaches the source over HTTP and waits for nothing long. */
export function openTitan(
  { url, encryptionKey }: Source,
  options: Pick<TitanSyncOptions, "storage" | "sink"> & Partial<TitanSyncOptions>,
): TitanSync {
  return createTitanSync({
    keys: staticKeys(encryptionKey),
    company: async () => ({ trade: "HVAC", importId: 7, timeZone: "America/Chicago" }),
    endpoints: { apiUrl: url, authUrl: url },
    requestsPerSecond: 1000,
    retry: { firstDelayMs: 1, maxDelayMs: 20, maxAttempts: 6, attemptTimeoutMs: 1000 },
    leaseMs: 1000,
    batchSize: 25,
    ...options,
  });
}
