import type fastCheck from "fast-check";
import type { JobPriority } from "../../ports/job-queue.js";

/** What may happen to a queue. A `pick` chooses among what there is at the time. */
export type QueueStep =
  | {
      readonly kind: "enqueue";
      readonly credential: number;
      readonly request: number;
      readonly priority: JobPriority;
      readonly unlessWaiting: boolean;
    }
  | { readonly kind: "claim"; readonly minPriority: JobPriority }
  | { readonly kind: "complete" | "renew" | "remove"; readonly pick: number }
  | {
      readonly kind: "requeue";
      readonly pick: number;
      readonly restMs: number;
      readonly attempts: number;
      readonly slices: number;
    }
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "look" };

const minuteMs = 60_000;

export function queueSteps(
  fc: typeof fastCheck,
  { credentials, most }: { readonly credentials: number; readonly most: number },
): fastCheck.Arbitrary<readonly QueueStep[]> {
  const priority = fc.constantFrom<JobPriority[]>("manual", "scheduled", "bulk");
  const pick = fc.nat({ max: 20 });
  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant("enqueue" as const),
        credential: fc.nat({ max: credentials - 1 }),
        request: fc.nat({ max: 3 }),
        priority,
        unlessWaiting: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
      }),
    },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("claim" as const), minPriority: priority }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("claim" as const),
        minPriority: fc.constant("bulk" as const),
      }),
    },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant("complete" as const), pick }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("renew" as const, "remove" as const), pick }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("requeue" as const),
        pick,
        restMs: fc.constantFrom(0, 0, 5 * minuteMs, 45 * minuteMs),
        attempts: fc.nat({ max: 3 }),
        slices: fc.nat({ max: 2 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("pass" as const),
        ms: fc.constantFrom(1, minuteMs / 2, 5 * minuteMs, 16 * minuteMs, 40 * minuteMs),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: "look" as const }) },
  );
  return fc.array(step, { minLength: 5, maxLength: most, size: "max" });
}
