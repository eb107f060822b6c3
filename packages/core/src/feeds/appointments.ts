import { z } from "zod";
import { defineFeed, type RowOf } from "./feed.js";
import { id, optionalId, text } from "./fields.js";

export const appointments = defineFeed({
  name: "appointments",
  module: "jpm",
  path: "appointments",
  scope: "tn.jpm.appointments:r",
  schema: z.object({ id, customerId: optionalId, start: text, modifiedOn: text }),
  fields: {
    always: `
      id jobId start end status createdOn modifiedOn customerId unused createdById isConfirmed active
    `,
    sometimes: `
      appointmentNumber arrivalWindowStart arrivalWindowEnd specialInstructions appointmentSummaries
    `,
  },
  links: { customer: { feed: "customers", field: "customerId" } },
});

export type Appointment = RowOf<typeof appointments>;
