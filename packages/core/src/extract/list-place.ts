import { z } from "zod";

/** The position in a list endpoint: what a later reading needs to continue. */
export const listPlaceSchema = z.object({
  /** The last page that was read; 0 before the first. */
  page: z.number(),
  /** The highest id up to which no row is missing; `null` before the first. */
  lastId: z.string().nullable(),
  /** Rows in the whole list, as the last answer told. */
  total: z.number().nullable(),
  /** Rows that this reading was given. */
  given: z.number(),
  /** Whether the total moved during this reading. */
  hasMoved: z.boolean(),
  /** Server time at which the first page was asked for, ISO 8601. */
  beganAt: z.string().nullable(),
  /** From 1: how often the list was begun. */
  reading: z.number(),
  /** What the reading before was given, where its total said otherwise. */
  reread: z.object({ given: z.number(), total: z.number() }).nullable(),
  done: z.boolean(),
});

export type ListPlace = z.infer<typeof listPlaceSchema>;

export const firstPlace: ListPlace = {
  page: 0,
  lastId: null,
  total: null,
  given: 0,
  hasMoved: false,
  beganAt: null,
  reading: 1,
  reread: null,
  done: false,
};
