/** What every random choice of a campaign follows from. */
export const seed = Number(process.env["CAMPAIGN_SEED"] ?? 1);

/** Whether this is the short form, which `npm test` runs. */
export const isSample = process.env["CAMPAIGN_SAMPLE"] === "1";

/** Choices that look random and are the same for the same seed. */
export interface Dice {
  /** Both ends included. */
  integer(from: number, to: number): number;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
}

/** @param name - so that two users of one seed do not make the same choices. */
export function createDice(name: string): Dice {
  let state = seed;
  for (const character of name) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193) >>> 0;

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  const integer = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return { integer, pick: (items) => items[integer(0, items.length - 1)] ?? items[0] };
}

/** Says something that belongs in the campaign's results. */
export function report(text: string): void {
  process.stdout.write(`${text}\n`);
}
