import { z } from "zod";
import { defineFeed, type RowOf } from "./feed.js";
import { flag, id, text } from "./fields.js";

export const customerContacts = defineFeed({
  name: "customer-contacts",
  module: "crm",
  path: "customers/contacts",
  listQuery: {},
  scope: "tn.crm.customers:r",
  schema: z.object({ id, customerId: id, active: flag, type: text, value: text, modifiedOn: text }),
  fields: {
    always: "id customerId type value phoneSettings createdOn modifiedOn",
    sometimes: "active memo preferences",
  },
  links: { customer: { feed: "customers", field: "customerId" } },
});

export type CustomerContact = RowOf<typeof customerContacts>;
