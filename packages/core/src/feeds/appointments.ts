import { z } from "zod";
import { defineFeed } from "./feed.js";
import { id, optionalId, text } from "./fields.js";

export const appointments = defineFeed({
  name: "appointments",
  module: "jpm",
  path: "appointments",
  scope: "tn.jpm.appointments:r",
  schema: z.looseObject({ id, customerId: optionalId, start: text, modifiedOn: text }),
  fields: {
    always: `
      id jobId start end status createdOn modifiedOn customerId unused createdById isConfirmed active
    `,
    sometimes: `
      appointmentNumber arrivalWindowStart arrivalWindowEnd specialInstructions appointmentSummaries
    `,
  },
  links: [{ feed: "customers", id: (appointment) => appointment.customerId }],
});

export type Appointment = z.infer<typeof appointments.schema>;
