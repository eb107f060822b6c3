import { type RecordRefusedError, TitanSyncError } from "../../errors.js";
import type { BatchItem, SinkAnswer } from "../../ports/record-sink.js";

type Refusal = SinkAnswer["rejected"][number];

/**
 * Writes items so that refused ones affect only themselves: a part that is refused is written again in
 * halves, until single items remain. A few bad ones among many cost a few dozen writes more.
 *
 * @param write - Writes all items it is given or, when it throws, none. The first call gets all of them. What it
 * throws other than {@link RecordRefusedError} is passed on.
 * @returns what `write` refused and what was found, in the order of the items.
 * @example
 * await writeWithoutRefused(batch.items, (items) => inSavepoint(() => insert(items)));
 */
export async function writeWithoutRefused(
  items: readonly BatchItem[],
  write: (items: readonly BatchItem[]) => Promise<SinkAnswer>,
): Promise<SinkAnswer> {
  return { rejected: await writePart(items, write) };
}

async function writePart(
  items: readonly BatchItem[],
  write: (items: readonly BatchItem[]) => Promise<SinkAnswer>,
): Promise<readonly Refusal[]> {
  try {
    return (await write(items)).rejected;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const { good, refused } = divide(items, error);
    if (good.length === 0) return refused;
    if (refused.length > 0) return inOrder(items, [...refused, ...(await writePart(good, write))]);
    const middle = Math.ceil(items.length / 2);
    const first = await writePart(items.slice(0, middle), write);
    return [...first, ...(await writePart(items.slice(middle), write))];
  }
}

/** Whether the data is at fault. Also for errors of another installed copy of this library. */
function isRefusal(error: unknown): error is RecordRefusedError {
  return TitanSyncError.is(error) && error.code === "RECORD_REFUSED";
}

/** The items known to be at fault: the named ones, or the only one. */
function divide(
  items: readonly BatchItem[],
  { keys, message }: RecordRefusedError,
): { readonly good: readonly BatchItem[]; readonly refused: readonly Refusal[] } {
  const named = new Set(keys);
  const isRefused = ({ key }: BatchItem): boolean => items.length <= 1 || named.has(key);
  return {
    good: items.filter((item) => !isRefused(item)),
    refused: items.filter(isRefused).map(({ key }) => ({ key, reason: message })),
  };
}

function inOrder(items: readonly BatchItem[], refused: readonly Refusal[]): readonly Refusal[] {
  const places = new Map(items.map(({ key }, place) => [key, place]));
  return refused.toSorted((left, right) => (places.get(left.key) ?? 0) - (places.get(right.key) ?? 0));
}
