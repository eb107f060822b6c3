import { afterAll, beforeAll, describe } from "vitest";
import { describeDryRun } from "./behavior/dry-run.js";
import { describeErasing } from "./behavior/erasing.js";
import { describeErasingAtSinks } from "./behavior/erasing-at-sinks.js";
import { describeFullPass } from "./behavior/full-pass.js";
import { describeInterruptions } from "./behavior/interruptions.js";
import { describeReading } from "./behavior/reading.js";
import { describeRequests } from "./behavior/requests.js";
import { describeSinks } from "./behavior/sinks.js";
import type { Stores } from "./world.js";

/** What every storage with its own sink must show of a sync. */
export function describeSyncing(name: string, open: () => Promise<Stores>): void {
  describe(`syncing on ${name}`, () => {
    let opened: Stores;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => {
      await opened.close();
    });
    const stores = (): Stores => opened;

    describeReading(stores);
    describeInterruptions(stores);
    describeFullPass(stores);
    describeSinks(stores);
    describeDryRun(stores);
    describeErasing(stores);
    describeErasingAtSinks(stores);
    describeRequests(stores);
  });
}
