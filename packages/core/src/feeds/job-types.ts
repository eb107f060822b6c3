import { z } from "zod";
import { defineFeed } from "./feed.ts";
import { id, text } from "./fields.ts";

export const jobTypes = defineFeed({
  name: "job-types",
  module: "jpm",
  path: "job-types",
  reader: "list",
  scope: "tn.jpm.jobtypes:r",
  schema: z.looseObject({ id, name: text, modifiedOn: text }),
});

export type JobType = z.infer<typeof jobTypes.schema>;
