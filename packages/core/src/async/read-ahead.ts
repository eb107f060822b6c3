/**
 * Fetches items ahead while the one before them is being used. Stopping the iteration stops the source after the
 * current item.
 *
 * @param items - how many, one of which may still be in the making.
 */
export function readAhead<Item>(
  source: AsyncGenerator<Item>,
  items = 1,
): AsyncGenerator<Item, void, undefined> {
  return oneAhead(items > 1 ? readAhead(source, items - 1) : source);
}

async function* oneAhead<Item>(source: AsyncGenerator<Item>): AsyncGenerator<Item, void, undefined> {
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
