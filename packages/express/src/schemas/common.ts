import { z } from "zod";

/** Text that every database and log takes: no control characters, no halves of characters. */
export const cleanText = (maxLength: number) =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .regex(/^[^\p{C}]+$/u, "must not contain control characters");

export const companyId = cleanText(200).meta({ description: "The host's key for the company." });
export const environment = z.enum(["integration", "production"]);
export const id = z.string().meta({ description: "Opaque." });
export const time = z.iso.datetime().meta({ description: "ISO 8601, UTC." });
export const count = z.int().min(0);

export const defaultLimit = 50;
export const maxLimit = 100;

/** Queries of lists. */
export const paging = {
  limit: z.coerce.number().int().min(1).max(maxLimit).default(defaultLimit),
  cursor: z
    .string()
    .regex(/^[\w-]{1,2000}$/, "expected the `next` of the previous page")
    .optional()
    .meta({ description: "The `next` of the previous page." }),
};

/** A page of a list in a stable order. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable().meta({ description: "The next page's `cursor`; null on the last page." }),
  });
}

const millisecondsFrom = (text: string): number => Date.parse(text);

/** A date or an instant in a query, as epoch milliseconds. */
export const instant = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], "expected 2026-01-31 or 2026-01-31T08:00:00Z")
  .transform(millisecondsFrom);

/** For requests that say everything by being made. */
export const emptyBody = z.strictObject({}).prefault({});
