import { keyOfTime, printInstant } from "../instant.js";
import { createRandom, type Random } from "../random.js";
import type { Row } from "../row.js";
import { businessDate, dayMs, historyEnd, instant, lifespan } from "./history.js";
import type { PlannedInvoice, PlannedJob, TenantPlan } from "./plan.js";
import { summaries } from "./words.js";

const hourMs = 3_600_000;

export function* jobRows(plan: TenantPlan): Iterable<Row> {
  const random = createRandom(plan.size.seed, plan.size.tenantId, "jobs");
  for (const invoice of plan.invoices) {
    if (invoice.job !== null) yield jobRow(random, invoice, invoice.job);
  }
}

function jobRow(random: Random, invoice: PlannedInvoice, job: PlannedJob): Row {
  const { createdOn, createdById, modifiedOn } = lifespan(random, invoice.bookedAt);
  const jobStatus = random.weighted([
    ["Completed", 84],
    ["Canceled", 8],
    ["Scheduled", 4],
    ["InProgress", 2],
    ["Dispatched", 1],
    ["Hold", 1],
  ]);
  return {
    id: job.id,
    jobNumber: String(job.id),
    projectId: null,
    customerId: invoice.customer.id,
    locationId: invoice.location?.id ?? 0,
    jobStatus,
    completedOn: jobStatus === "Completed" ? instant(random, invoice.bookedAt + 26 * hourMs) : null,
    businessUnitId: invoice.businessUnit.id,
    jobTypeId: job.type.id,
    priority: random.weighted([
      ["Normal", 80],
      ["High", 10],
      ["Urgent", 6],
      ["Low", 4],
    ]),
    campaignId: random.integer(1, 20),
    appointmentCount: job.appointmentIds.length,
    firstAppointmentId: job.appointmentIds[0] ?? 0,
    lastAppointmentId: job.appointmentIds.at(-1) ?? 0,
    recallForId: null,
    warrantyId: null,
    jobGeneratedLeadSource: null,
    noCharge: false,
    notificationsEnabled: true,
    createdOn,
    createdById,
    modifiedOn,
    tagTypeIds: [],
    leadCallId: null,
    partnerLeadCallId: null,
    bookingId: null,
    soldById: random.chance(0.6) ? null : random.integer(11, 60),
    customerPo: random.chance(0.95) ? "" : "PO-778",
    invoiceId: invoice.id,
    membershipId: null,
    total: random.chance(0.41) ? 0 : random.integer(0, 500_000) / 100,
    createdFromEstimateId: null,
    estimateIds: [],
    equipmentIds: [],
    isAutoDispatched: random.pick([null, false]),
    summary: random.chance(0.12) ? null : random.pick(summaries),
    customFields: [],
    externalData: random.pick([null, []]),
    summaryOfWork: null,
    active: !random.chance(0.01),
  };
}

export function* appointmentRows(plan: TenantPlan): Iterable<Row> {
  const random = createRandom(plan.size.seed, plan.size.tenantId, "appointments");
  for (const invoice of plan.invoices) {
    const { job } = invoice;
    if (job === null) continue;
    for (const [index, id] of job.appointmentIds.entries()) {
      yield appointmentRow(random, id, index, invoice, job);
    }
  }
}

function appointmentRow(
  random: Random,
  id: number,
  index: number,
  invoice: PlannedInvoice,
  job: PlannedJob,
): Row {
  const { createdOn, createdById, modifiedOn } = lifespan(random, invoice.bookedAt);
  const planned =
    Date.parse(businessDate(invoice.bookedAt + (index + 1) * dayMs)) + random.integer(0, 95) * 900_000;
  const start = Math.min(planned, historyEnd + 30 * dayMs);
  return {
    id,
    jobId: job.id,
    appointmentNumber: `${job.id}-${index + 1}`,
    start: plainInstant(start),
    end: plainInstant(start + 2 * hourMs),
    arrivalWindowStart: random.chance(0.1) ? null : plainInstant(start),
    arrivalWindowEnd: random.chance(0.1) ? null : plainInstant(start + 4 * hourMs),
    status: random.weighted([
      ["Done", 84],
      ["Canceled", 7],
      ["Scheduled", 5],
      ["Dispatched", 1],
      ["Working", 2],
      ["Hold", 1],
    ]),
    specialInstructions: random.chance(0.9) ? null : "Call on arrival",
    createdOn,
    modifiedOn,
    customerId: invoice.customer.id,
    unused: false,
    createdById,
    isConfirmed: random.chance(0.5),
    active: !random.chance(0.02),
    appointmentSummaries: null,
  };
}

function plainInstant(epochMs: number): string {
  return printInstant(keyOfTime(Math.floor(epochMs / 1000) * 1000));
}
