import type { SettledItem } from "../../ports/delivery-store.js";
import type { BatchItem } from "../../ports/record-sink.js";
import type { RecordFigures } from "../../ports/sync-run.js";

/** What is to be delivered of a claimed batch, and how its keys will be settled once it is. */
export interface DerivedBatch {
  readonly items: readonly BatchItem[];
  /** In ascending order of keys, as claimed. */
  readonly settled: readonly SettledItem[];
  readonly figures: RecordFigures;
}
