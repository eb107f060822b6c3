import { z } from "zod";
import { defineFeed } from "./feed.js";
import { id, optionalId, text } from "./fields.js";

export const locations = defineFeed({
  name: "locations",
  module: "crm",
  path: "locations",
  scope: "tn.crm.locations:r",
  schema: z.looseObject({ id, zoneId: optionalId, modifiedOn: text }),
  links: [{ feed: "zones", id: (location) => location.zoneId }],
});

export type Location = z.infer<typeof locations.schema>;
