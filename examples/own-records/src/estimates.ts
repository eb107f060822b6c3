import { defineFeed, defineRecord, feeds, one, rowFields } from "@titan-sync/core";
import { z } from "zod";

const { id, optionalId, text, flag } = rowFields;

/** A feed that the library does not have: what ServiceTitan documents of `sales/export/estimates`. */
export const estimates = defineFeed({
  name: "estimates",
  module: "sales",
  path: "estimates",
  scope: "tn.sal.estimates:r",
  schema: z.object({
    id,
    active: flag,
    name: text,
    summary: text,
    // A number or text: the record prints whichever it is.
    subtotal: z.unknown().optional(),
    soldOn: text,
    jobId: optionalId,
    customerId: optionalId,
    modifiedOn: text,
  }),
  fields: {
    always: "id active name summary subtotal soldOn jobId customerId createdOn modifiedOn",
    sometimes:
      "jobNumber projectId locationId status reviewStatus soldBy items externalLinks tax businessUnitId",
  },
  links: {
    job: { feed: "jobs", field: "jobId" },
    // An erasure finds a customer's estimates by this link.
    customer: { feed: "customers", field: "customerId" },
  },
});

/** One record for each estimate, with its customer's name and its job's summary. */
export const estimateRecord = defineRecord({
  type: "estimate",
  driver: estimates,
  driverName: "estimate",
  relations: {
    customer: one(feeds.customers, { of: "estimate", link: "customer", includesRemoved: true }),
    job: one(feeds.jobs, { of: "estimate", link: "job" }),
  },
  columns: {
    tenant: { from: "the company", reads: [] },
    customer_id: { from: "`estimate.customerId`", reads: ["estimate.customerId"], isOptional: true },
    customer_name: { from: "`customer.name`", reads: ["customer.name"], isOptional: true },
    name: { from: "`estimate.name`", reads: ["estimate.name"] },
    subtotal: { from: "`estimate.subtotal`", reads: ["estimate.subtotal"], isOptional: true },
    sold_on: { from: "`estimate.soldOn`", reads: ["estimate.soldOn"], isOptional: true },
    summary: {
      from: "`estimate.summary`; else `job.summary`",
      reads: ["estimate.summary", "job.summary"],
      isOptional: true,
    },
  },
  // A deactivated estimate has no record; one that was delivered is removed.
  isLeftOut: (estimate) => estimate.active === false,
  map: ({ estimate, customer, job }, { company, exact }) => ({
    tenant: company.companyId,
    customer_id: estimate.customerId,
    customer_name: customer?.name,
    name: estimate.name,
    // With the digits that ServiceTitan wrote.
    subtotal: exact(estimate, "subtotal"),
    sold_on: estimate.soldOn,
    summary: estimate.summary ?? job?.summary,
  }),
  rules: [
    {
      name: "sold-without-value",
      level: "warn",
      fault: ({ sold_on, subtotal }) =>
        sold_on !== null && subtotal === null ? "sold_on is there, subtotal is not" : null,
    },
  ],
});
