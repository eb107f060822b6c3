import { describe, expect, it } from "vitest";
import type { FeedName } from "../feeds/feed.js";
import {
  type ExpectedRecord,
  type GoldenCase,
  type GoldenEntities,
  goldenCases,
} from "./__fixtures__/golden-cases.js";
import { joinEntities } from "./__fixtures__/join.js";
import { defaultRules } from "./company-rules.js";
import { noCustomColumns } from "./custom-columns.js";
import { feeds } from "./definitions/definitions.js";
import { isInactiveInvoice } from "./inactive-invoice.js";
import type { MapContext } from "./map-context.js";
import { mapInvoice } from "./map-invoice.js";
import { mapMember } from "./map-member.js";
import type { MapOutcome, RuleViolation } from "./map-outcome.js";
import { readAmount } from "./money.js";
import type { HostRecord } from "./record.js";

interface MappedEntity {
  readonly id: string;
  readonly outcome: MapOutcome<HostRecord>;
}

describe("Golden cases of members", () => {
  const cases = goldenCases("members");
  it.each(cases.map((golden) => [golden.name, golden] as const))("%s", (_name, golden) => {
    compareInBothOrders(golden, "customers", (entities, context) =>
      joinEntities(entities).members.map((joined) => ({
        id: String(joined.customer.id),
        outcome: mapMember(joined, context),
      })),
    );
  });
});

describe("Golden cases of invoices", () => {
  const cases = goldenCases("invoices");
  it.each(cases.map((golden) => [golden.name, golden] as const))("%s", (_name, golden) => {
    compareInBothOrders(golden, "invoices", (entities, context) =>
      joinEntities(entities)
        .invoices.filter(({ invoice }) => !isInactiveInvoice(invoice))
        .map((joined) => ({ id: String(joined.invoice.id), outcome: mapInvoice(joined, context) })),
    );
  });
});

function compareInBothOrders(
  golden: GoldenCase,
  feed: FeedName,
  map: (entities: GoldenEntities, context: MapContext) => readonly MappedEntity[],
): void {
  const context = contextOf(golden);
  for (const entities of [golden.entities, reversed(golden.entities)]) {
    const mapped = map(entities, context);
    expect(byId(recordsOf(mapped))).toEqual(byId(golden.expect.records.map(comparable)));
    expect(byId(rejectionsOf(mapped, golden))).toEqual(
      byId(golden.expect.rejections.map(({ id, rule, mentions }) => ({ source_id: id, rule, mentions }))),
    );
    for (const rejection of golden.expect.rejections) expect(rejection.feed).toBe(feed);
  }
}

function contextOf({ company }: GoldenCase): MapContext {
  return {
    company: {
      companyId: company.id,
      trade: company.trade,
      importId: company.importId,
      timeZone: company.timeZone ?? "UTC",
      rules: { ...defaultRules, ...company.options },
      columns: noCustomColumns,
      feedsOff: [],
      acceptAbsent: [],
    },
    version: "1733000000",
    drained: new Set(Object.keys(feeds) as FeedName[]),
  };
}

function reversed(entities: GoldenEntities): GoldenEntities {
  const copy = structuredClone(entities);
  for (const rows of Object.values(copy)) rows.reverse();
  return copy;
}

function recordsOf(mapped: readonly MappedEntity[]) {
  return mapped.flatMap(({ id, outcome }) => {
    if (outcome.kind === "rejected") return [];
    const { version, ...columns } = { version: null, ...outcome.record };
    return [comparable({ ...columns, source_id: id })];
  });
}

/** The phones as a list, the total without the zeros that say nothing. */
function comparable(record: ExpectedRecord) {
  const phones = record["customer_phone_numbers"];
  const total = readAmount(record["total"]);
  return {
    ...record,
    customer_phone_numbers:
      typeof phones === "string" ? phones.split(",").map((phone) => phone.trim()) : phones,
    ...("total" in record && {
      total: total.kind === "decimal" ? total.text.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "") : null,
    }),
  };
}

function rejectionsOf(mapped: readonly MappedEntity[], golden: GoldenCase) {
  return mapped.flatMap(({ id, outcome }) => {
    if (outcome.kind === "record") return [];
    const text = outcome.violations.map(({ message }) => message).join("; ");
    const wanted = golden.expect.rejections.find((rejection) => rejection.id === id)?.mentions ?? [];
    return [
      {
        source_id: id,
        rule: rulesOf(outcome.violations),
        mentions: wanted.filter((word) => text.includes(word)),
      },
    ];
  });
}

function rulesOf(violations: readonly RuleViolation[]): string {
  return violations.map(({ rule }) => rule).join(", ");
}

function byId<Row extends { readonly source_id: string }>(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((one, other) => (one.source_id < other.source_id ? -1 : 1));
}
