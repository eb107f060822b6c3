import { z } from "zod";
import { defineFeed, type RowOf } from "./feed.js";
import { id, optionalId, text } from "./fields.js";

export const jobs = defineFeed({
  name: "jobs",
  module: "jpm",
  path: "jobs",
  listQuery: {},
  scope: "tn.jpm.jobs:r",
  schema: z.object({
    id,
    firstAppointmentId: optionalId,
    customerId: optionalId,
    summary: text,
    modifiedOn: text,
  }),
  fields: {
    always: `
      id jobNumber customerId locationId jobStatus businessUnitId jobTypeId priority campaignId
      appointmentCount firstAppointmentId lastAppointmentId noCharge notificationsEnabled createdOn
      createdById modifiedOn tagTypeIds customerPo invoiceId estimateIds equipmentIds customFields
      externalData
    `,
    sometimes: `
      active projectId completedOn recallForId warrantyId jobGeneratedLeadSource leadCallId
      partnerLeadCallId bookingId soldById membershipId total createdFromEstimateId isAutoDispatched
      summary summaryOfWork
    `,
  },
  links: {
    firstAppointment: { feed: "appointments", field: "firstAppointmentId" },
    customer: { feed: "customers", field: "customerId" },
  },
});

export type Job = RowOf<typeof jobs>;
