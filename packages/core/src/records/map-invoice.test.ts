import { describe, expect, it } from "vitest";
import {
  someContext,
  someCustomer,
  someInvoice,
  someInvoiceRow,
  undrained,
} from "./__fixtures__/entities.js";
import type { JoinedInvoice } from "./definitions/invoice.js";
import { isInactiveInvoice } from "./inactive-invoice.js";
import type { MapContext } from "./map-context.js";
import { mapInvoice } from "./map-invoice.js";
import type { InvoiceRecord } from "./record.js";

const withJob = {
  invoice: someInvoiceRow({
    job: { id: 51, number: "4001", type: "Repair" },
    summary: "<p>Replaced valve</p>",
  }),
  job: { id: 51, firstAppointmentId: 61, summary: "<p>Valve leaks</p>" },
  firstAppointment: { id: 61, start: "2024-02-28T15:30:00Z" },
};

describe("mapInvoice", () => {
  it("fills every column", () => {
    const joined = someInvoice({
      ...withJob,
      contacts: [{ id: 1, customerId: 41, type: "Phone", value: "5551234567" }],
      location: { id: 71, zoneId: 81 },
      zone: { id: 81, name: " North  Side" },
    });
    const context = someContext({ company: { timeZone: "America/Chicago" } });
    expect(mapInvoice(joined, context)).toStrictEqual({
      kind: "record",
      record: {
        tenant: "birch-heating",
        trade: "HVAC",
        software: "ServiceTitan",
        customer_id: "41",
        customer_name: "Jane Sample",
        customer_first_name: "Jane",
        customer_last_name: "Sample",
        customer_phone_numbers: "(555) 123-4567",
        customer_phone_number_primary: "(555) 123-4567",
        street: "27 Elm Ct",
        unit: null,
        city: "Aurora",
        state: "IL",
        zip: "60505",
        country: "US",
        hub_plus_import_id: 118,
        invoice_number: "INV-31",
        invoice_summary: "Replaced valve",
        job_number: "4001",
        job_type: "Repair",
        zone: "North Side",
        total: "126.44",
        first_appointment: "2024-02-28 09:30:00",
        summary: "Valve leaks",
      },
      warnings: [],
    });
  });

  it.each<[string, Partial<JoinedInvoice>, Partial<InvoiceRecord>]>([
    [
      "the invoice number is the id where the reference number is blank",
      { invoice: someInvoiceRow({ referenceNumber: "\u00a0" }) },
      { invoice_number: "31" },
    ],
    [
      "the landed customer's name wins over the invoice's",
      { customer: someCustomer({ name: "Janet Sample" }) },
      { customer_name: "Janet Sample" },
    ],
    [
      "a landed customer without a name leaves the invoice's",
      { customer: someCustomer({ name: " " }) },
      { customer_name: "Jane Sample" },
    ],
    [
      "the name of a landed commercial customer is not split, even where it is the invoice's",
      { customer: someCustomer({ name: null, type: "Commercial" }) },
      { customer_name: "Jane Sample", customer_first_name: null, customer_last_name: null },
    ],
    [
      "the name of an unknown customer is split",
      { customer: null },
      { customer_name: "Jane Sample", customer_first_name: "Jane", customer_last_name: "Sample" },
    ],
    [
      "the customer's id is the invoice's",
      { invoice: someInvoiceRow({ customer: { id: 77, name: "Jane Sample" } }), customer: null },
      { customer_id: "77" },
    ],
    [
      "the invoice's summary stands in for a job's that is empty after cleaning",
      { ...withJob, job: { ...withJob.job, summary: "<p>&nbsp;</p>" } },
      { summary: "Replaced valve", invoice_summary: "Replaced valve" },
    ],
    [
      "the invoice's date stands in for an appointment, unshifted",
      { ...withJob, firstAppointment: null },
      { first_appointment: "2024-03-01 00:00:00" },
    ],
    [
      "the invoice's date stands in for an appointment at the zero date",
      { ...withJob, firstAppointment: { id: 61, start: "0001-01-01T00:00:00Z" } },
      { first_appointment: "2024-03-01 00:00:00" },
    ],
    [
      "an inactive, canceled appointment still counts",
      { ...withJob, firstAppointment: { ...withJob.firstAppointment, active: false, status: "Canceled" } },
      { first_appointment: "2024-02-28 05:30:00" },
    ],
    [
      "number and type of a job that is not landed are the invoice's",
      { ...withJob, job: null, firstAppointment: null },
      { job_number: "4001", job_type: "Repair", summary: "Replaced valve" },
    ],
    [
      "without a street in either address the location's is used, and the customer's where that is null",
      {
        invoice: someInvoiceRow({
          locationAddress: null,
          customerAddress: {
            street: "1 Test St",
            city: "Springfield",
            state: "OH",
            zip: "45501",
            country: "Canada",
          },
        }),
      },
      { street: "1 Test St", country: "Canada" },
    ],
  ])("%s", (_rule, changes, expected) => {
    const context = someContext({ company: { timeZone: "Pacific/Honolulu" } });
    expect(mapInvoice(someInvoice(changes), context)).toMatchObject({ kind: "record", record: expected });
  });

  it.each<[string, MapContext["drained"], Partial<JoinedInvoice>, Partial<InvoiceRecord>]>([
    [
      "jobs that were never read leave the summary null",
      undrained("jobs"),
      withJobUnread(),
      { summary: null },
    ],
    ["what half-read jobs have landed counts", undrained("jobs"), withJob, { summary: "Valve leaks" }],
    [
      "zones that were never read leave the zone null",
      undrained("zones", "locations"),
      withJob,
      { zone: null },
    ],
    [
      "an appointment that half-read feeds have landed counts",
      undrained("jobs", "appointments"),
      withJob,
      { first_appointment: "2024-02-28 15:30:00" },
    ],
    [
      "a landed customer of a half-read feed counts",
      undrained("customers"),
      { customer: someCustomer({ name: "Janet Sample" }) },
      { customer_name: "Janet Sample" },
    ],
  ])("%s", (_rule, drained, changes, expected) => {
    expect(mapInvoice(someInvoice(changes), someContext({ drained }))).toMatchObject({
      kind: "record",
      record: expected,
    });
  });

  it.each([["jobs"], ["appointments"]] as const)(
    "%s that were never read leave the first appointment null, which rejects",
    (feed) => {
      const joined = someInvoice({ ...withJob, firstAppointment: null });
      expect(mapInvoice(joined, someContext({ drained: undrained(feed) }))).toMatchObject({
        kind: "rejected",
        violations: [{ rule: "required" }],
      });
    },
  );

  it("customers that were never read leave the name null, which rejects", () => {
    const joined = someInvoice({ customer: null });
    expect(mapInvoice(joined, someContext({ drained: undrained("customers") }))).toMatchObject({
      kind: "rejected",
      violations: [{ rule: "names" }],
    });
  });
});

describe("isInactiveInvoice", () => {
  it.each([
    [false, true],
    [true, false],
    [null, false],
    [undefined, false],
  ])("of active %s is %s", (active, expected) => {
    expect(isInactiveInvoice({ active })).toBe(expected);
  });
});

/** The job is known to the invoice alone; its appointment is landed, so that the record is not rejected. */
function withJobUnread(): Partial<JoinedInvoice> {
  return { ...withJob, job: null };
}
