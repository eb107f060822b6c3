import { expect, it } from "vitest";
import { memberColumns } from "../records/column-names.js";
import type { MemberRecord } from "../records/record.js";
import { findingsOf } from "./findings.js";

const full = Object.fromEntries(memberColumns.map((column) => [column, "filled"]));

it("counts empty columns, and an added one from 0 on, which shows that it existed", () => {
  const outcomes = ["12", "34"].map((gateCode) => ({
    kind: "record" as const,
    record: { ...full, unit: null, gate_code: gateCode } as unknown as MemberRecord,
    warnings: [],
  }));
  expect(findingsOf(outcomes, memberColumns).counts).toEqual({ "empty:unit": 2, "empty:gate_code": 0 });
});
