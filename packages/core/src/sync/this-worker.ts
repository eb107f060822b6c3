import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
// biome-ignore lint/correctness/useImportExtensions: the document is JSON.
import packageDocument from "../../package.json" with { type: "json" };
import type { RunWorker } from "../ports/sync-run.js";

/** Who this instance is, for the runs that it owns. */
export function thisWorker(given: Partial<RunWorker> = {}): RunWorker {
  return {
    id: given.id ?? randomUUID(),
    host: given.host ?? hostname(),
    pid: given.pid ?? process.pid,
    version: given.version ?? packageDocument.version,
  };
}
