import { z } from "zod";

// In practice values that are documented as never null are null, and fields are absent: every field but the
// id is lenient, and only a value of another type is a broken structure.

/** An id: a whole number that JavaScript holds exactly (int64 ids beyond 2^53 would silently change). */
export const id = z.int().min(0);
export const optionalId = z.int().nullish();
export const text = z.string().nullish();
export const flag = z.boolean().nullish();

export const address = z
  .object({ street: text, unit: text, city: text, state: text, zip: text, country: text })
  .nullish();

/** `{ id, name }`, as the accounting module refers to other entities. */
export const namedField = z.object({ id: optionalId, name: text }).nullish();
