import { createRandom, type Random } from "../random.js";
import type { Row } from "../row.js";
import { dayMs, historyStart, lifespan } from "./history.js";
import type { TenantPlan } from "./plan.js";
import { cities } from "./words.js";

/** Rows of the small feeds that the large ones refer to. The last of each kind is inactive. */

export function zoneRows(plan: TenantPlan): Row[] {
  const random = createRandom(plan.size.seed, plan.size.tenantId, "zones");
  return plan.zones.map(({ id, name }, index) => {
    const { createdOn, createdById, modifiedOn } = early(random);
    return {
      id,
      active: index < plan.zones.length - 1,
      name,
      zips: random.chance(0.2) ? null : [String(random.integer(10000, 99999))],
      cities: [random.pick(cities)[0]],
      territoryNumbers: null,
      locnNumbers: [],
      createdBy: createdById,
      createdOn,
      modifiedOn,
      serviceDaysEnabled: false,
      serviceDays: null,
      businessUnits: plan.businessUnits.slice(0, 2).map((unit) => unit.id),
      technicians: [],
    };
  });
}

export function membershipTypeRows(plan: TenantPlan): Row[] {
  const random = createRandom(plan.size.seed, plan.size.tenantId, "membership-types");
  return plan.membershipTypes.map(({ id, name }, index) => {
    const { createdOn, createdById, modifiedOn } = early(random);
    return {
      name,
      displayName: random.chance(0.5) ? null : name,
      active: index < plan.membershipTypes.length - 1,
      discountMode: random.pick(["Basic", "Units", "Categories"]),
      locationTarget: random.pick(["AllLocations", "SingleLocation"]),
      revenueRecognitionMode: random.pick(["PointOfSale", "Deferred"]),
      autoCalculateInvoiceTemplates: false,
      useMembershipPricingTable: true,
      showMembershipSavings: true,
      id,
      createdOn,
      createdById,
      modifiedOn,
      importId: null,
      billingTemplateId: null,
      discount: random.integer(0, 3) * 5,
      durationBilling: [
        {
          duration: 12,
          billingFrequency: "Monthly",
          salePrice: 19.95,
          billingPrice: 19.95,
          renewalPrice: 21.5,
        },
        null,
      ],
      discounts: [],
      recurringServices: [
        {
          membershipTypeId: id,
          recurringServiceTypeId: 300 + index,
          offset: 6,
          offsetType: "Months",
          allocation: 0,
        },
      ],
      tagTypeIds: [],
    };
  });
}

/** A tenant's catalog is created when it starts. */
function early(random: Random) {
  return lifespan(random, historyStart + random.integer(0, 30) * dayMs);
}
