import { z } from "zod";
import { defineFeed } from "./feed.js";
import { id, optionalId, text } from "./fields.js";

export const jobs = defineFeed({
  name: "jobs",
  module: "jpm",
  path: "jobs",
  scope: "tn.jpm.jobs:r",
  schema: z.looseObject({ id, firstAppointmentId: optionalId, summary: text, modifiedOn: text }),
  links: [{ feed: "appointments", id: (job) => job.firstAppointmentId }],
});

export type Job = z.infer<typeof jobs.schema>;
