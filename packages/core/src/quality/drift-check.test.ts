import { describe, expect, test } from "vitest";
import { customers } from "../feeds/customers.js";
import type { Feed } from "../feeds/feed.js";
import { zones } from "../feeds/zones.js";
import { createDriftCheck as createCheck, type SchemaDrift } from "./drift-check.js";
import { surveyFields } from "./field-survey.js";

function createDriftCheck() {
  const check = createCheck();
  return {
    see: (feed: Feed, rows: readonly unknown[]) =>
      check.see(
        feed.name,
        surveyFields(
          feed,
          rows.map((value) => ({ value, text: JSON.stringify(value) })),
          [],
        ),
      ),
  };
}

const row: Readonly<Record<string, unknown>> = Object.fromEntries(
  [...customers.fields.always, ...customers.fields.sometimes].map((field) => [field, null]),
);
const { mergedToId: _optional, ...withoutOptional } = row;
const { balance: _documented, ...withoutDocumented } = row;

const told = (drift: SchemaDrift | null) =>
  drift && { unknown: Object.fromEntries(drift.unknown), missing: Object.fromEntries(drift.missing) };

describe("checking rows for drift", () => {
  test("documented rows report nothing, whether or not optional fields are present", () => {
    expect(createDriftCheck().see(customers, [row, withoutOptional])).toBeNull();
  });

  test("undocumented fields, and documented ones that are missing, are counted", () => {
    const drift = createDriftCheck().see(customers, [{ ...row, loyalty: 1 }, row, withoutDocumented]);
    expect(told(drift)).toEqual({ unknown: { loyalty: 1 }, missing: { balance: 1 } });
  });

  test("each field is reported once, and twice if it is both new and missing", () => {
    const check = createDriftCheck();
    check.see(customers, [{ ...row, loyalty: 1 }]);
    expect(check.see(customers, [{ ...row, loyalty: 1 }])).toBeNull();
    expect(told(check.see(customers, [{ ...row, loyalty: 1, tier: 2 }]))).toEqual({
      unknown: { tier: 1 },
      missing: {},
    });
  });

  test("feeds do not hide each other's drift", () => {
    const check = createDriftCheck();
    check.see(customers, [{ ...row, loyalty: 1 }]);
    const zone = Object.fromEntries(zones.fields.always.map((field) => [field, null]));
    expect(told(check.see(zones, [{ ...zone, loyalty: 1 }]))?.unknown).toEqual({ loyalty: 1 });
  });

  test("anything that is not a row is left to the structure check", () => {
    expect(createDriftCheck().see(customers, [null, 7, "text"])).toBeNull();
  });

  test("a text that cannot be a field name is not repeated: it may be personal data", () => {
    const drift = createDriftCheck().see(customers, [{ ...row, "jane@example.com": 1 }]);
    expect([...(drift?.unknown.keys() ?? [])]).toEqual(["(not a name)"]);
  });

  test("a feed that keeps sending new names reports a limited number of them", () => {
    const check = createDriftCheck();
    let fields = 0;
    for (let index = 0; index < 200; index += 1) {
      fields += check.see(customers, [{ ...row, [`field${index}`]: 1 }])?.unknown.size ?? 0;
    }
    expect(fields).toBe(50);
  });
});
