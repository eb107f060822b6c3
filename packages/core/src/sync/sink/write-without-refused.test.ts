import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecordRefusedError, SinkError } from "../../errors.js";
import type { BatchItem } from "../../ports/record-sink.js";
import { writeWithoutRefused } from "./write-without-refused.js";

const itemOf = (key: string): BatchItem => ({ op: "remove", key, revision: 1 });

/** Takes all of a call's items or, when a bad one is among them, none. */
function createTarget(bad: ReadonlySet<string>, { namesThem = false } = {}) {
  const taken: string[] = [];
  let calls = 0;
  return {
    taken,
    calls: () => calls,
    async write(items: readonly BatchItem[]) {
      calls += 1;
      const refused = items.map(({ key }) => key).filter((key) => bad.has(key));
      if (refused.length > 0) {
        throw new RecordRefusedError("The zip is too long.", namesThem ? { keys: refused } : {});
      }
      taken.push(...items.map(({ key }) => key));
      return { rejected: [] };
    },
  };
}

describe("refused items among good ones", () => {
  it("affect only themselves: each good one is written once, in few writes", async () => {
    const batches = fc.uniqueArray(fc.nat(9999).map(String), { minLength: 1, maxLength: 300 }).chain((keys) =>
      fc.record({
        keys: fc.constant(keys),
        bad: fc.subarray(keys, { maxLength: Math.min(5, keys.length) }),
        namesThem: fc.boolean(),
      }),
    );
    await fc.assert(
      fc.asyncProperty(batches, async ({ keys, bad, namesThem }) => {
        const target = createTarget(new Set(bad), { namesThem });
        const { rejected } = await writeWithoutRefused(keys.map(itemOf), (items) => target.write(items));
        expect(rejected.map(({ key }) => key)).toEqual(keys.filter((key) => bad.includes(key)));
        expect(target.taken.toSorted()).toEqual(keys.filter((key) => !bad.includes(key)).toSorted());
        const writesForEach = 2 * Math.ceil(Math.log2(keys.length + 1)) + 2;
        expect(target.calls()).toBeLessThanOrEqual(1 + bad.length * writesForEach);
      }),
    );
  });
});

describe("an outage", () => {
  it.each([new Error("down"), new SinkError("The sink is away.")])(
    "is passed on and rejects nothing: %s",
    async (outage) => {
      let calls = 0;
      const written = writeWithoutRefused(["1", "2", "3"].map(itemOf), async () => {
        calls += 1;
        throw outage;
      });
      await expect(written).rejects.toBe(outage);
      expect(calls).toBe(1);
    },
  );
});
