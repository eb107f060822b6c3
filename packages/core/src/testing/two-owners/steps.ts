import type fastCheck from "fast-check";
import type { LandParams } from "../../ports/landing-store.js";
import { leaseMs } from "../storage/tenant-under-test.js";

/** The entities that steps land. */
export const ids = ["1", "2", "10"] as const;

/** Whoever took the lease last, or the other one, which then writes late or takes over. */
export type Role = "owner" | "other";

/** What one of the two does next. */
export type Step =
  | {
      readonly kind: "begin" | "heartbeat" | "pause" | "claim" | "settle" | "settle too slowly";
      readonly by: Role;
    }
  | { readonly kind: "pass time"; readonly ms: number }
  | {
      readonly kind: "land";
      readonly by: Role;
      readonly id: (typeof ids)[number];
      readonly second: number;
      readonly content: string;
      readonly source: LandParams["source"];
    };

/**
 * Between five steps and so many. By itself fast-check keeps lists short, and a short one never gets to where owners are
 * in each other's way.
 */
export function stepsUpTo(
  maxLength: number,
  driftMs: number,
  fc: typeof fastCheck,
): fastCheck.Arbitrary<Step[]> {
  const by = fc.constantFrom<Role>("owner", "owner", "owner", "other");
  const land = fc.record({
    kind: fc.constant("land" as const),
    by,
    id: fc.constantFrom(...ids),
    second: fc.integer({ min: 0, max: 3 }),
    content: fc.constantFrom("a", "b", "c"),
    source: fc.constantFrom("export" as const, "list" as const),
  });
  const work = fc.record({ kind: fc.constantFrom("claim" as const, "settle" as const), by });
  const rareWork = fc.record({
    kind: fc.constantFrom("heartbeat" as const, "pause" as const, "settle too slowly" as const),
    by,
  });
  const begin = fc.record({
    kind: fc.constant("begin" as const),
    by: fc.constantFrom<Role>("owner", "other", "other"),
  });
  const passTime = fc.record({
    kind: fc.constant("pass time" as const),
    ms: fc.constantFrom(leaseMs / 2, leaseMs - 1 - driftMs, leaseMs, leaseMs + 1),
  });
  const step: fastCheck.Arbitrary<Step> = fc.oneof(
    { weight: 6, arbitrary: land },
    { weight: 8, arbitrary: work },
    { weight: 2, arbitrary: rareWork },
    { weight: 3, arbitrary: begin },
    { weight: 2, arbitrary: passTime },
  );
  return fc.array(step, { minLength: 5, maxLength, size: "max" });
}
