import { z } from "zod";

/** The position in a list endpoint: what a later reading needs to continue. */
export const listPlaceSchema = z.object({
  /** The last page that was read; 0 before the first. */
  page: z.number(),
  /** The highest id up to which no row is missing; `null` before the first. */
  lastId: z.string().nullable(),
  /** Rows in the whole list, according to the last response. */
  total: z.number().nullable(),
  /** Rows that this reading received. */
  given: z.number(),
  /** Whether the total changed during this reading. */
  hasMoved: z.boolean(),
  /** Server time at which the first page was requested, ISO 8601. */
  beganAt: z.string().nullable(),
  /** How often the list was started, from 1. */
  reading: z.number(),
  /** The number of rows that the previous reading received, if its total differed. */
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
