import { z } from "zod";
import { defineFeed } from "./feed.ts";
import { id, text } from "./fields.ts";

export const appointments = defineFeed({
  name: "appointments",
  module: "jpm",
  path: "appointments",
  scope: "tn.jpm.appointments:r",
  schema: z.looseObject({ id, start: text, modifiedOn: text }),
});

export type Appointment = z.infer<typeof appointments.schema>;
