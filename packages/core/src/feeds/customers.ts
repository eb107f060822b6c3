import { z } from "zod";
import { defineFeed } from "./feed.js";
import { address, flag, id, optionalId, text } from "./fields.js";

export const customers = defineFeed({
  name: "customers",
  module: "crm",
  path: "customers",
  listSort: "+Id",
  scope: "tn.crm.customers:r",
  schema: z.looseObject({
    id,
    active: flag,
    name: text,
    type: text,
    address,
    mergedToId: optionalId,
    modifiedOn: text,
  }),
});

export type Customer = z.infer<typeof customers.schema>;
