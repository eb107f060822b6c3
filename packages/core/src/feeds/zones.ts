import { z } from "zod";
import { defineFeed, type RowOf } from "./feed.js";
import { id, text } from "./fields.js";

export const zones = defineFeed({
  name: "zones",
  module: "dispatch",
  path: "zones",
  reader: "list",
  listSort: "+Id",
  scope: "tn.dis.zones:r",
  schema: z.object({ id, name: text, modifiedOn: text }),
  fields: {
    always: "id active createdBy createdOn modifiedOn serviceDaysEnabled",
    sometimes: "name zips cities territoryNumbers locnNumbers serviceDays businessUnits technicians",
  },
});

export type Zone = RowOf<typeof zones>;
