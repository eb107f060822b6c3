import type { Clock } from "../ports/clock.js";
import { AcceptedRuns } from "./accepted-runs.js";
import { RejectionTable } from "./rejection-table.js";
import { RunPlaces } from "./run-places.js";
import { RunTable } from "./run-table.js";
import { SeenIds } from "./seen-ids.js";
import { SuppressionTable } from "./suppression-table.js";
import { Tenants } from "./tenant-data.js";

/** What a sync store keeps in memory. */
export interface SyncTables {
  readonly clock: Clock;
  readonly tenants: Tenants;
  readonly seen: SeenIds;
  readonly places: RunPlaces;
  readonly rejections: RejectionTable;
  readonly runs: RunTable;
  readonly accepted: AcceptedRuns;
  readonly suppressions: SuppressionTable;
}

export function createSyncTables(clock: Clock): SyncTables {
  const seen = new SeenIds();
  const places = new RunPlaces();
  return {
    clock,
    tenants: new Tenants(),
    seen,
    places,
    rejections: new RejectionTable(clock),
    runs: new RunTable(clock, (run) => {
      seen.forget(run.id);
      places.forget(run.id);
    }),
    accepted: new AcceptedRuns(),
    suppressions: new SuppressionTable(clock),
  };
}
