import { z } from "zod";
import { largestId } from "./entity-id.js";

// In practice, values that are documented as never null are null, and fields are absent: every field except
// the
// id is lenient, and only a value of another type is a broken structure.

/** An id: a whole number of 64 bits. Those that a `number` does not hold exactly are parsed as `bigint`. */
export const id = z.union([z.int().min(0), z.bigint().min(0n).max(largestId)]);
export const optionalId = z.union([z.int(), z.bigint().min(-largestId).max(largestId)]).nullish();
export const text = z.string().nullish();
export const flag = z.boolean().nullish();

export const address = z
  .object({ street: text, unit: text, city: text, state: text, zip: text, country: text })
  .nullish();

/** `{ id, name }`, as the accounting module refers to other entities. */
export const namedField = z.object({ id: optionalId, name: text }).nullish();

/** Structure checks of fields as ServiceTitan gives them, for the schemas of a host's own feeds. */
export const rowFields = { id, optionalId, text, flag, address, namedField } as const;
