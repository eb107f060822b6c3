import type { Mutant } from "./mutants.js";

const joined = {
  file: "packages/core/src/records/definitions/joined-as-documented.test.ts",
  title: "every link leads where ServiceTitan documents it",
};
const columns = {
  file: "packages/core/src/records/definitions/columns-as-read.test.ts",
  title: "say that they read what the map reads",
};

/** Mistakes in what feeds and records are defined as. */
export const definitionMutants: readonly Mutant[] = [
  {
    mistake: "a job's first appointment is looked for under another id",
    file: "packages/core/src/feeds/jobs.ts",
    original: 'feed: "appointments", field: "firstAppointmentId"',
    replacement: 'feed: "appointments", field: "customerId"',
    test: joined,
  },
  {
    mistake: "an invoice's location is looked for under its customer's id",
    file: "packages/core/src/feeds/invoices.ts",
    original: 'field: "location.id"',
    replacement: 'field: "customer.id"',
    test: joined,
  },
  {
    mistake: "a column reads a field that it does not name: that the field is gone would empty it unnoticed",
    file: "packages/core/src/records/definitions/invoice.ts",
    original: 'reads: ["job.summary", "invoice.summary"]',
    replacement: 'reads: ["invoice.summary"]',
    test: columns,
  },
  {
    mistake: "a column names a field that its map does not read",
    file: "packages/core/src/records/map-invoice.ts",
    original: "zone: cleanText(zone?.name)",
    replacement: "zone: null",
    test: columns,
  },
];
