import { dayOf, keyOfTime, printInstant, zeroInstant } from "../instant.js";
import type { Random } from "../random.js";

/** Generated rows were created and last modified between these instants, whatever the clock says. */
export const historyStart = Date.parse("2019-01-01T00:00:00Z");
export const historyEnd = Date.parse("2024-12-31T00:00:00Z");

export const dayMs = 86_400_000;

/** When a row came into being and when it last changed. */
export interface Lifespan {
  /** The zero date on rows migrated from another program. */
  readonly createdOn: string;
  readonly createdById: number;
  readonly modifiedOn: string;
}

/**
 * A lifespan that begins at the given time. One row in twenty-five was migrated and has no creation date.
 *
 * @param begin - Epoch milliseconds, from {@link historyStart} to {@link historyEnd}.
 */
export function lifespan(random: Random, begin: number): Lifespan {
  const end = random.chance(0.4) ? begin : begin + Math.floor(random.next() ** 2 * (historyEnd - begin));
  const modifiedOn = instant(random, end);
  if (random.chance(0.04)) return { createdOn: zeroInstant, createdById: 0, modifiedOn };
  return {
    createdOn: begin === end ? modifiedOn : instant(random, begin),
    createdById: random.integer(11, 60),
    modifiedOn,
  };
}

/** The moment, with a sub-millisecond part most of the time: five to seven digits, trailing zeros cut. */
export function instant(random: Random, epochMs: number): string {
  if (random.chance(0.15)) return printInstant(keyOfTime(Math.floor(epochMs / 1000) * 1000));
  const ticks = random.chance(0.15) ? random.integer(0, 99) * 100 : random.integer(0, 9999);
  return printInstant(keyOfTime(Math.floor(epochMs), ticks));
}

/** A business date: midnight UTC. */
export function businessDate(epochMs: number): string {
  return `${dayOf(epochMs)}T00:00:00Z`;
}

/** A moment of the history. */
export function moment(random: Random): number {
  return random.integer(historyStart, historyEnd - dayMs);
}
