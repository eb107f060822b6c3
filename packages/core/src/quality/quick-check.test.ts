import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { feeds } from "../records/definitions/definitions.js";
import { quickCheckOf } from "./quick-check.js";

const odd = fc.oneof(
  fc.constantFrom(null, undefined, "", "text", true, 0, 1, -1, 1.5, 2 ** 53, 2 ** 53 - 1, Number.NaN, [], {}),
  fc.constantFrom(-1n, 0n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n)),
  fc.jsonValue(),
);

/** Values that mostly have the structure of a schema, with something odd in any place. */
function almost(schema: unknown): fc.Arbitrary<unknown> {
  const usual = ((): fc.Arbitrary<unknown> => {
    if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return almost(schema.unwrap());
    if (schema instanceof z.ZodString) return fc.string({ maxLength: 3 });
    if (schema instanceof z.ZodBoolean) return fc.boolean();
    if (schema instanceof z.ZodNumber) return fc.nat();
    if (schema instanceof z.ZodBigInt) return fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n });
    if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map(almost));
    if (schema instanceof z.ZodObject) {
      const fields = Object.entries(schema.shape).map(([name, field]) => [name, almost(field)] as const);
      return fc.record(Object.fromEntries(fields), { requiredKeys: [] });
    }
    return fc.constant(null);
  })();
  return fc.oneof({ weight: 40, arbitrary: usual }, { weight: 1, arbitrary: odd });
}

describe("the quick check", () => {
  it.each(Object.values(feeds).map((feed) => [feed.name, feed.schema] as const))(
    "says of rows of %s what their schema says",
    (_name, schema) => {
      const check = quickCheckOf(schema);
      expect(check).not.toBeNull();
      const verdicts = new Set<boolean>();
      fc.assert(
        fc.property(fc.oneof(almost(schema), odd), (row) => {
          const { success } = schema.safeParse(row);
          verdicts.add(success);
          expect(check?.(row)).toBe(success);
        }),
        { numRuns: 500 },
      );
      expect(verdicts.size).toBe(2);
    },
  );

  it.each([
    ["a changed text", z.object({ id: z.int(), name: z.string().trim() })],
    ["a text of a form", z.object({ email: z.email() })],
    ["a default", z.object({ id: z.int().default(1) })],
    ["a transformation", z.object({ id: z.int() }).transform(({ id }) => ({ id: id + 1 }))],
    ["a refinement", z.object({ id: z.int() }).refine(({ id }) => id !== 3)],
    ["an exclusive limit", z.object({ id: z.int().gt(0) })],
    ["another step", z.object({ id: z.int().multipleOf(2) })],
    ["large numbers without a smallest", z.object({ id: z.bigint() })],
    ["an exclusive limit of large numbers", z.object({ id: z.bigint().gt(0n) })],
    ["a choice with any number", z.object({ id: z.union([z.int(), z.number()]) })],
    ["any number", z.object({ total: z.number() })],
    ["no other fields", z.strictObject({ id: z.int() })],
    ["a conversion", z.object({ id: z.coerce.string() })],
  ])("leaves %s to the schema", (_name, schema) => {
    expect(quickCheckOf(schema)).toBeNull();
  });
});
