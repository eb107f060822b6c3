import { z } from "zod";
import { defineFeed, type RowOf } from "./feed.js";
import { id, optionalId, text } from "./fields.js";

export const locations = defineFeed({
  name: "locations",
  module: "crm",
  path: "locations",
  listSort: "+Id",
  listEqualsExport: true,
  scope: "tn.crm.locations:r",
  schema: z.object({ id, zoneId: optionalId, customerId: optionalId, modifiedOn: text }),
  fields: {
    always: `
      id customerId active name address customFields createdOn createdById modifiedOn taxExempt
      tagTypeIds externalData
    `,
    sometimes: "mergedToId zoneId taxZoneId",
  },
  links: {
    zone: { feed: "zones", field: "zoneId" },
    customer: { feed: "customers", field: "customerId" },
  },
});

export type Location = RowOf<typeof locations>;
