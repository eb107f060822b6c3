import { beforeAll, describe, expect, test } from "vitest";
import type { CustomerOwnedFeed } from "../changes/change.js";
import { type SimulatedFeed, simulatedFeeds } from "../feeds.js";
import type { Row } from "../row.js";
import { createSimulator, type Simulator } from "../simulator.js";

const tenantId = "1001";
const size = { customers: 1500, invoices: 3000 };

/** By feed, the fields that ServiceTitan documents. */
const documented: Readonly<Record<SimulatedFeed, string>> = {
  customers:
    "id active name type address customFields balance taxExempt tagTypeIds doNotMail doNotService nationalAccount createdOn createdById modifiedOn mergedToId paymentTermId creditLimit creditLimitBalance externalData",
  "customer-contacts": "id customerId type value memo createdOn modifiedOn phoneSettings preferences active",
  locations:
    "id customerId active name address customFields createdOn createdById modifiedOn mergedToId zoneId taxExempt tagTypeIds externalData taxZoneId",
  invoices:
    "id syncStatus budgetCodeId referenceNumber invoiceDate dueDate subTotal salesTax salesTaxCode taxZoneId total balance invoiceType customer customerAddress location locationAddress businessUnit termName createdBy batch depositedOn createdOn modifiedOn adjustmentToId job projectId royalty employeeInfo commissionEligibilityDate sentStatus reviewStatus assignedTo summary items customFields active discountTotal importId exportId materialSkuId membershipId paidOn invoiceConfiguration",
  memberships:
    "id createdOn createdById modifiedOn followUpOn cancellationDate from nextScheduledBillDate to billingFrequency renewalBillingFrequency status followUpStatus active initialDeferredRevenue duration renewalDuration businessUnitId customerId membershipTypeId activatedById activatedFromId billingTemplateId cancellationBalanceInvoiceId cancellationInvoiceId followUpCustomStatusId locationId paymentMethodId paymentTypeId recurringLocationId renewalMembershipTaskId renewedById soldById customerPo importId memo customFields",
  "membership-types":
    "name displayName active discountMode locationTarget revenueRecognitionMode autoCalculateInvoiceTemplates useMembershipPricingTable showMembershipSavings id createdOn createdById modifiedOn importId billingTemplateId discount durationBilling discounts recurringServices tagTypeIds",
  jobs: "id jobNumber projectId customerId locationId jobStatus completedOn businessUnitId jobTypeId priority campaignId appointmentCount firstAppointmentId lastAppointmentId recallForId warrantyId jobGeneratedLeadSource noCharge notificationsEnabled createdOn createdById modifiedOn tagTypeIds leadCallId partnerLeadCallId bookingId soldById customerPo invoiceId membershipId total createdFromEstimateId estimateIds equipmentIds isAutoDispatched summary customFields externalData summaryOfWork active",
  appointments:
    "id jobId appointmentNumber start end arrivalWindowStart arrivalWindowEnd status specialInstructions createdOn modifiedOn customerId unused createdById isConfirmed active appointmentSummaries",
  zones:
    "id active name zips cities territoryNumbers locnNumbers createdBy createdOn modifiedOn serviceDaysEnabled serviceDays businessUnits technicians",
};

let simulator: Simulator;
beforeAll(() => {
  simulator = createSimulator({ seed: 11, tenants: [size] });
});

function rows(feed: SimulatedFeed): readonly Row[] {
  return simulator.rows(tenantId, feed);
}

function texts(feed: SimulatedFeed, field: string): Set<unknown> {
  return new Set(rows(feed).map((row) => row[field]));
}

describe("generated data", () => {
  test("is the same, byte for byte, for the same seed", () => {
    const again = createSimulator({ seed: 11, tenants: [size], now: () => 0 });
    for (const feed of simulatedFeeds) {
      expect(JSON.stringify(again.rows(tenantId, feed))).toBe(JSON.stringify(rows(feed)));
    }
  });

  test("differs between seeds and between tenants", () => {
    const other = createSimulator({ seed: 12, tenants: [size, size] });
    const names = (from: Simulator, tenant: string) =>
      from
        .rows(tenant, "customers")
        .map((row) => row["name"])
        .join();
    expect(names(other, "1001")).not.toBe(names(simulator, "1001"));
    expect(names(other, "1002")).not.toBe(names(other, "1001"));
  });

  test.each(simulatedFeeds)("rows of %s have every documented field and no other", (feed) => {
    const expected = documented[feed].split(" ").sort();
    expect(rows(feed).length).toBeGreaterThan(0);
    for (const row of rows(feed)) expect(Object.keys(row).sort()).toEqual(expected);
  });

  test("everything that names a customer can be moved to another", () => {
    const owned: Readonly<Record<CustomerOwnedFeed, true>> = {
      appointments: true,
      "customer-contacts": true,
      invoices: true,
      jobs: true,
      locations: true,
      memberships: true,
    };
    const naming = simulatedFeeds.filter((feed) => {
      const fields = Object.keys(rows(feed)[0] ?? {});
      return fields.includes("customerId") || fields.includes("customer");
    });
    expect(Object.keys(owned)).toEqual(naming.sort());
  });

  test("has as many rows as requested, with ascending ids that have gaps", () => {
    expect(rows("customers")).toHaveLength(size.customers);
    expect(rows("invoices")).toHaveLength(size.invoices);
    const ids = rows("customers").map((row) => row.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect((ids.at(-1) ?? 0) - (ids[0] ?? 0)).toBeGreaterThan(2 * ids.length);
  });

  test("refers only to what exists", () => {
    const idsOf = (feed: SimulatedFeed) => new Set(rows(feed).map((row) => row.id));
    const references = [
      ["customer-contacts", "customerId", "customers"],
      ["locations", "customerId", "customers"],
      ["locations", "zoneId", "zones"],
      ["customers", "mergedToId", "customers"],
      ["memberships", "customerId", "customers"],
      ["memberships", "membershipTypeId", "membership-types"],
      ["jobs", "customerId", "customers"],
      ["jobs", "locationId", "locations"],
      ["jobs", "firstAppointmentId", "appointments"],
      ["jobs", "invoiceId", "invoices"],
      ["appointments", "jobId", "jobs"],
    ] as const;
    for (const [feed, field, target] of references) {
      const known = idsOf(target);
      const wrong = rows(feed).filter(
        (row) => row[field] !== null && row[field] !== 0 && !known.has(Number(row[field])),
      );
      expect(wrong, `${feed}.${field}`).toEqual([]);
    }
  });

  test("has the messy cases of customers", () => {
    const names = rows("customers").map((row) => String(row["name"]));
    expect(names.some((name) => name.startsWith(" ") && name.trim() !== "")).toBe(true);
    expect(names.some((name) => name.trim() === "")).toBe(true);
    expect(names.some((name) => /^\S+$/.test(name))).toBe(true);
    expect(names.some((name) => name.trim().split(/ +/).length > 3)).toBe(true);
    expect(texts("customers", "type")).toEqual(new Set(["Residential", "Commercial"]));
    expect(texts("customers", "active")).toEqual(new Set([true, false]));
    expect(rows("customers").some((row) => row["mergedToId"] !== null && row["active"] === false)).toBe(true);
    expect(rows("customers").some((row) => row["mergedToId"] !== null && row["active"] !== false)).toBe(
      false,
    );
    expect(rows("customers").some((row) => row["address"] === null)).toBe(true);
    expect(rows("customers").some((row) => Number(row["balance"]) < 0)).toBe(true);
    expect(texts("customers", "externalData")).toContain(null);
    expect(texts("customers", "createdOn")).toContain("0001-01-01T00:00:00Z");
  });

  test("lacks address parts in a few percent of rows", () => {
    const broken = rows("customers").filter(
      (row) => !/"street":"\S.*"zip":"\S/.test(JSON.stringify(row["address"])),
    );
    expect(broken.length / size.customers).toBeGreaterThan(0.01);
    expect(broken.length / size.customers).toBeLessThan(0.08);
  });

  test("has the messy cases of contacts", () => {
    expect(texts("customer-contacts", "type")).toEqual(new Set(["MobilePhone", "Phone", "Email", "Fax"]));
    expect(texts("customer-contacts", "active")).toEqual(new Set([true, false]));
    const values = [...texts("customer-contacts", "value")].map(String);
    for (const form of [
      /^\d{10}$/,
      /^\(\d{3}\) \d{3}-\d{4}$/,
      /x12$/,
      /^\+44/,
      /^1\d{10}$/,
      /@example\.test$/,
    ]) {
      expect(
        values.some((value) => form.test(value)),
        String(form),
      ).toBe(true);
    }
  });

  test("has memberships in every status, several for some customers, some without an end", () => {
    expect(texts("memberships", "status")).toEqual(
      new Set(["Active", "Suspended", "Expired", "Canceled", "Deleted"]),
    );
    expect(texts("memberships", "from")).toContain(null);
    expect(texts("memberships", "to")).toContain(null);
    const owners = rows("memberships").map((row) => row["customerId"]);
    expect(new Set(owners).size).toBeLessThan(owners.length);
  });

  test("has invoices without job, without location, inactive ones, credits and zero totals", () => {
    const invoices = rows("invoices");
    expect(invoices.some((row) => row["job"] === null)).toBe(true);
    expect(invoices.some((row) => row["location"] === null)).toBe(true);
    expect(invoices.some((row) => row["active"] === false)).toBe(true);
    expect(invoices.some((row) => row["total"] === "0.00")).toBe(true);
    expect(invoices.some((row) => Number(row["total"]) < 0)).toBe(true);
    expect(invoices.some((row) => Number(row["balance"]) < 0)).toBe(true);
    expect(invoices.some((row) => String(row["summary"]).includes("<script>"))).toBe(true);
    const totals = invoices.map((row) => row["total"]).filter((total) => total !== null);
    expect(totals.every((total) => /^-?\d+\.\d\d$/.test(String(total)))).toBe(true);
    for (const { items } of invoices.map((row) => ({ items: row["items"] }))) {
      expect(Array.isArray(items) && items.length >= 1 && items.length <= 4).toBe(true);
    }
  });

  test("has jobs without appointments, locations without zone and an inactive row in each small feed", () => {
    expect(rows("jobs").some((row) => row["appointmentCount"] === 0)).toBe(true);
    expect(texts("locations", "zoneId")).toContain(null);
    for (const feed of ["zones", "membership-types"] as const) {
      expect(texts(feed, "active")).toEqual(new Set([true, false]));
    }
  });

  test("prints instants with up to seven digits, trailing zeros cut", () => {
    const instants = [...texts("invoices", "modifiedOn")].map(String);
    expect(instants.every((text) => /T\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?Z$/.test(text))).toBe(true);
    expect(instants.some((text) => /\.\d{7}Z$/.test(text))).toBe(true);
    expect(instants.some((text) => /\.\d{5}Z$/.test(text))).toBe(true);
    expect(instants.some((text) => /:\d\dZ$/.test(text))).toBe(true);
  });

  test("has a few rows that share their modification, and as many as an option requests", () => {
    expect(texts("invoices", "modifiedOn").size).toBeLessThan(size.invoices);
    const tied = createSimulator({ tenants: [{ customers: 95, rowsPerInstant: 40 }] });
    const counts = new Map<unknown, number>();
    for (const row of tied.rows(tenantId, "customers")) {
      counts.set(row["modifiedOn"], (counts.get(row["modifiedOn"]) ?? 0) + 1);
    }
    expect([...counts.values()].sort()).toEqual([15, 40, 40]);
  });
});

describe("given data", () => {
  test("is served unchanged, and the other feeds are empty", () => {
    const customers = [
      { id: 5, name: "Jane", anything: [1, null] },
      { id: 3, name: "Zoë" },
    ];
    const given = createSimulator({ tenants: [{ entities: { customers } }] });
    expect(given.rows(tenantId, "customers")).toEqual([customers[1], customers[0]]);
    expect(given.rows(tenantId, "invoices")).toEqual([]);
  });

  test("is refused if a row has no id", () => {
    const entities = { customers: [{ name: "Jane" }] };
    expect(() => createSimulator({ tenants: [{ entities }] })).toThrow(/whole number as id/);
  });
});
