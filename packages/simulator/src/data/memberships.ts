import { createRandom, type Random } from "../random.js";
import type { Row } from "../row.js";
import { businessDate, dayMs, lifespan, moment } from "./history.js";
import type { PlannedLocation, TenantPlan } from "./plan.js";
import { idSequence } from "./sequence.js";

const frequencies = ["OneTime", "Monthly", "EveryOtherMonth", "Quarterly", "BiAnnual", "Annual"] as const;
const followUps = ["NotAttempted", "Unreachable", "Contacted", "Won", "Dismissed"] as const;

/** A third of the customers are or were members, some several times over. */
export function* membershipRows(plan: TenantPlan): Iterable<Row> {
  const random = createRandom(plan.size.seed, plan.size.tenantId, "memberships");
  const nextId = idSequence(random, 91_000_000);
  for (const location of plan.locations) {
    const count = random.weighted([
      [0, 66],
      [1, 24],
      [2, 8],
      [3, 2],
    ]);
    for (let number = 0; number < count; number += 1) yield membershipRow(random, plan, location, nextId());
  }
}

function membershipRow(random: Random, plan: TenantPlan, location: PlannedLocation, id: number): Row {
  const begin = moment(random);
  const { createdOn, createdById, modifiedOn } = lifespan(random, begin);
  const status = random.weighted([
    ["Active", 55],
    ["Expired", 22],
    ["Canceled", 14],
    ["Suspended", 5],
    ["Deleted", 4],
  ]);
  const duration = random.weighted<number | null>([
    [12, 80],
    [24, 10],
    [null, 10],
  ]);
  const to = duration === null ? null : businessDate(begin + duration * 30 * dayMs);
  return {
    id,
    createdOn,
    createdById: createdById === 0 ? null : createdById,
    modifiedOn,
    followUpOn: businessDate(begin + 300 * dayMs),
    cancellationDate: status === "Canceled" ? businessDate(begin + 100 * dayMs) : null,
    from: random.chance(0.05) ? null : businessDate(begin),
    nextScheduledBillDate: status === "Active" ? businessDate(begin + 30 * dayMs) : null,
    to,
    billingFrequency: random.pick(frequencies),
    renewalBillingFrequency: null,
    status,
    followUpStatus: random.pick(followUps),
    active: status !== "Deleted" && !random.chance(0.03),
    initialDeferredRevenue: 0,
    duration,
    renewalDuration: null,
    businessUnitId: random.pick(plan.businessUnits).id,
    customerId: location.customer.id,
    membershipTypeId: random.pick(plan.membershipTypes).id,
    activatedById: null,
    activatedFromId: null,
    billingTemplateId: null,
    cancellationBalanceInvoiceId: null,
    cancellationInvoiceId: null,
    followUpCustomStatusId: null,
    locationId: random.chance(0.3) ? null : location.id,
    paymentMethodId: null,
    paymentTypeId: null,
    recurringLocationId: null,
    renewalMembershipTaskId: null,
    renewedById: null,
    soldById: random.chance(0.5) ? null : random.integer(11, 60),
    customerPo: null,
    importId: null,
    memo: random.chance(0.1) ? "called, left message" : null,
    customFields: [],
  };
}
