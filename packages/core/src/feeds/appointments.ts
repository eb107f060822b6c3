import { z } from "zod";
import { defineFeed } from "./feed.js";
import { id, text } from "./fields.js";

export const appointments = defineFeed({
  name: "appointments",
  module: "jpm",
  path: "appointments",
  scope: "tn.jpm.appointments:r",
  schema: z.looseObject({ id, start: text, modifiedOn: text }),
});

export type Appointment = z.infer<typeof appointments.schema>;
