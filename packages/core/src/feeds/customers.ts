import { z } from "zod";
import { defineFeed, type RowOf } from "./feed.js";
import { address, flag, id, optionalId, text } from "./fields.js";

export const customers = defineFeed({
  name: "customers",
  module: "crm",
  path: "customers",
  listSort: "+Id",
  listEqualsExport: true,
  scope: "tn.crm.customers:r",
  schema: z.object({
    id,
    active: flag,
    name: text,
    type: text,
    address,
    mergedToId: optionalId,
    modifiedOn: text,
  }),
  fields: {
    always: `
      id active name type address customFields balance taxExempt tagTypeIds doNotMail doNotService
      nationalAccount createdOn createdById modifiedOn externalData
    `,
    sometimes: "mergedToId paymentTermId creditLimit creditLimitBalance",
  },
  // A duplicate is erased together with the customer that it was merged into.
  links: { mergedInto: { feed: "customers", field: "mergedToId" } },
});

export type Customer = RowOf<typeof customers>;
