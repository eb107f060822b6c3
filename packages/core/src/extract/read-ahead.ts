/**
 * Fetches one item ahead while the one before is being used. Stopping the iteration stops the source after
 * the item in hand.
 */
export async function* readAhead<Item>(source: AsyncGenerator<Item>): AsyncGenerator<Item, void, undefined> {
  let next = settle(source.next());
  try {
    for (;;) {
      const settled = await next;
      if ("failure" in settled) throw settled.failure;
      if (settled.result.done === true) return;
      next = settle(source.next());
      yield settled.result.value;
    }
  } finally {
    await next;
    await source.return(undefined);
  }
}

type Settled<Item> = { readonly result: IteratorResult<Item> } | { readonly failure: unknown };

/** A failure ahead of its use must not count as unhandled. */
async function settle<Item>(promise: Promise<IteratorResult<Item>>): Promise<Settled<Item>> {
  try {
    return { result: await promise };
  } catch (failure) {
    return { failure };
  }
}
