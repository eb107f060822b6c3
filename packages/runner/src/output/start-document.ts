import { type StoredStart, withIsoTimes } from "@titan-sync/core";

/** One entry of the start ledger in JSON. */
export function startDocument(start: StoredStart) {
  return withIsoTimes(start, ["nominalAt", "lastNominalAt", "runAt", "decidedAt"]);
}
