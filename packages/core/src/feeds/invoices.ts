import { z } from "zod";
import { defineFeed, type RowOf } from "./feed.js";
import { address, flag, id, namedField, optionalId, text } from "./fields.js";

export const invoices = defineFeed({
  name: "invoices",
  module: "accounting",
  path: "invoices",
  listQuery: { activeState: "All" },
  listSort: "+Id",
  listEqualsExport: true,
  scope: "tn.acc.invoices:r",
  schema: z.object({
    id,
    active: flag,
    referenceNumber: text,
    invoiceDate: text,
    // A total of any type is left to the business rule, which says what is wrong with it.
    total: z.unknown().optional(),
    summary: text,
    customer: namedField,
    customerAddress: address,
    location: namedField,
    locationAddress: address,
    job: z.object({ id: optionalId, number: text, type: text }).nullish(),
    modifiedOn: text,
  }),
  fields: {
    always: "id createdOn sentStatus reviewStatus active invoiceConfiguration",
    sometimes: `
      syncStatus budgetCodeId referenceNumber invoiceDate dueDate subTotal salesTax salesTaxCode
      taxZoneId total balance invoiceType customer customerAddress location locationAddress
      businessUnit termName createdBy batch depositedOn modifiedOn adjustmentToId job projectId
      royalty employeeInfo commissionEligibilityDate assignedTo summary items customFields
      discountTotal importId exportId materialSkuId membershipId paidOn
    `,
  },
  links: {
    customer: { feed: "customers", field: "customer.id" },
    location: { feed: "locations", field: "location.id" },
    job: { feed: "jobs", field: "job.id" },
  },
});

export type Invoice = RowOf<typeof invoices>;
