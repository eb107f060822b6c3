import { AbortedError } from "../errors.js";

/**
 * Waits for all, also when one fails: nothing of a run goes on after its end.
 * @throws what the first of the items failed with that was not merely aborted.
 */
export async function inParallel<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const outcomes = await Promise.allSettled(items.map(work));
  const failures = outcomes
    .filter((outcome) => outcome.status === "rejected")
    .map((outcome) => outcome.reason);
  if (failures.length === 0) return;
  // An abort follows from the failure that caused it.
  throw failures.find((failure) => !(failure instanceof AbortedError)) ?? failures[0];
}
