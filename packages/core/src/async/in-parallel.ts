import { AbortedError } from "../errors.js";

/**
 * Does the work for each item, at most `width` at a time. Waits for all that was begun, also when one fails: nothing
 * continues after its end. After a failure nothing more is begun.
 *
 * @param width - From 1. @defaultValue all at once
 * @returns the results in the items' order.
 * @throws what the first of the items failed with that was not merely aborted.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  width = items.length,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const failures: { readonly index: number; readonly error: unknown }[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    // One iterator for all workers: each item is taken once.
    for (const [index, item] of queue) {
      try {
        results[index] = await work(item);
      } catch (error) {
        failures.push({ index, error });
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  const errors = failures.sort((one, other) => one.index - other.index).map(({ error }) => error);
  if (errors.length === 0) return results;
  // The abort is only a consequence of the first failure.
  throw errors.find((error) => !(error instanceof AbortedError)) ?? errors[0];
}
