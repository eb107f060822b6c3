import type { Mutant } from "./mutant.js";

const joined = {
  file: "packages/core/src/records/definitions/joined-as-documented.test.ts",
  title: "every link leads where ServiceTitan documents it",
};
const columns = {
  file: "packages/core/src/records/definitions/columns-as-read.test.ts",
  title: "declare exactly the fields that the map reads",
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
  {
    mistake: "every change of a row derives its records again, whether they use what changed or not",
    file: "packages/core/src/quality/structure-check.ts",
    original: "usedHash: usedHashOf(text, used, contentHash), modifiedOn",
    replacement: "usedHash: contentHash, modifiedOn",
    test: {
      file: "packages/core/src/sync/derive/unused-field.test.ts",
      title: "a changed `balance`, which no record uses, causes no derivation",
    },
  },
  {
    mistake: "a feed asks for another feed's scope",
    file: "packages/core/src/feeds/locations.ts",
    original: 'scope: "tn.crm.locations:r"',
    replacement: 'scope: "tn.crm.customers:r"',
    test: {
      file: "packages/core/src/feeds/as-simulated.test.ts",
      title: "is at its path in the simulator, and requires the scope that it names",
    },
  },
];
