import { afterAll, beforeAll, describe, it } from "vitest";
import type { AgingStorage } from "./two-owners/aging-storage.js";
import { stepsUpTo } from "./two-owners/steps.js";
import { createWorld } from "./two-owners/two-owners-world.js";

export interface DescribeTwoOwnersOptions {
  /** Part of the title. @defaultValue "storage" */
  readonly name?: string | undefined;
  /** Called once, before the test. All interleavings use this storage, each with its own company. */
  readonly setup: () => AgingStorage | Promise<AgingStorage>;
  /** How many interleavings are tried. @defaultValue 300 */
  readonly interleavings?: number | undefined;
  /** Of one interleaving, at most. @defaultValue 60 */
  readonly steps?: number | undefined;
  /** Repeats the interleavings of an earlier test. @defaultValue a random one, which a failure prints */
  readonly seed?: number | undefined;
}

/**
 * Registers the test that two workers who believe that they own the same run never write under a stale lease and lose
 * no change, however their steps interleave. They begin, land, claim, settle, pause, stall in the middle of a settlement
 * and let leases expire in random order; after each step the storage is compared with a model. A failure prints the
 * shortest steps that lead to it, and the seed.
 *
 * Run it once a storage passes {@link describeStorage}. Needs the package `fast-check`, and minutes rather than seconds
 * on a database: set `testTimeout` accordingly.
 *
 * @example
 * describeTwoOwners({
 *   name: "my storage",
 *   setup: () => {
 *     const clock = manualClock();
 *     return { storage: myStorage({ clock }), passTime: clock.advance };
 *   },
 * });
 */
export function describeTwoOwners({
  name = "storage",
  setup,
  interleavings = 300,
  steps = 60,
  seed,
}: DescribeTwoOwnersOptions): void {
  describe(`two workers that believe they own the same run, on ${name},`, () => {
    let opened: AgingStorage | null = null;
    beforeAll(async () => {
      opened = await setup();
    });
    afterAll(async () => {
      if (opened?.close === undefined) await opened?.storage.close();
      else await opened.close();
    });

    it(`never write under a stale lease, and lose no change, in ${interleavings} interleavings`, async () => {
      // Hosts that only run other suites do not need it.
      const { default: fc } = await import("fast-check");
      if (opened === null) throw new Error("The storage is open only while tests run.");
      const storage = opened;
      const interleaving = stepsUpTo(steps, storage.driftMs ?? 0, fc);
      await fc.assert(
        fc.asyncProperty(interleaving, async (chosen) => {
          const world = await createWorld(storage);
          await world.apply({ kind: "begin", by: "owner" });
          for (const step of chosen) {
            await world.apply(step);
            await world.check();
          }
          await world.finish();
        }),
        { numRuns: interleavings, ...(seed === undefined ? {} : { seed }) },
      );
    });
  });
}
