import { createRandom, type Random } from "../random.js";
import type { Row } from "../row.js";
import { type Lifespan, lifespan, moment } from "./history.js";
import type { PlannedCustomer, TenantPlan } from "./plan.js";
import { idSequence } from "./sequence.js";

export function* customerRows(plan: TenantPlan): Iterable<Row> {
  const random = createRandom(plan.size.seed, plan.size.tenantId, "customers");
  for (const customer of plan.customers) {
    const { createdOn, createdById, modifiedOn } = lifespan(random, moment(random));
    yield {
      id: customer.id,
      active: customer.isActive,
      name: customer.name,
      type: customer.isCompany ? "Commercial" : "Residential",
      address: customer.address,
      customFields: random.chance(0.1) ? [{ typeId: 71, name: " Referral code", value: "FRIEND" }] : [],
      balance: random.chance(0.7) ? 0 : random.integer(-20_000, 90_000) / 100,
      taxExempt: random.chance(0.03),
      tagTypeIds: random.chance(0.2) ? [random.integer(500, 540)] : [],
      doNotMail: random.chance(0.05),
      doNotService: random.chance(0.01),
      nationalAccount: customer.isCompany && random.chance(0.1),
      createdOn,
      createdById,
      modifiedOn,
      mergedToId: customer.mergedToId,
      paymentTermId: random.chance(0.8) ? null : 3,
      creditLimit: null,
      creditLimitBalance: null,
      externalData: random.chance(0.1) ? null : [],
    };
  }
}

/** Up to four contacts a customer, a few customers without any. */
export function* contactRows(plan: TenantPlan): Iterable<Row> {
  const random = createRandom(plan.size.seed, plan.size.tenantId, "customer-contacts");
  const nextId = idSequence(random, 51_000_000);
  for (const customer of plan.customers) {
    const count = random.weighted([
      [2, 50],
      [1, 22],
      [3, 18],
      [4, 6],
      [0, 4],
    ]);
    for (let number = 0; number < count; number += 1) {
      yield contactRow(random, nextId(), customer, lifespan(random, moment(random)));
    }
  }
}

function contactRow(random: Random, id: number, customer: PlannedCustomer, life: Lifespan): Row {
  const type = random.weighted([
    ["MobilePhone", 42],
    ["Phone", 28],
    ["Email", 27],
    ["Fax", 3],
  ]);
  const value = type === "Email" ? `person${id}@example.test` : phone(random);
  return {
    id,
    customerId: customer.id,
    type,
    value,
    memo: random.chance(0.15) ? random.pick(["spouse", "office", "call after 5pm", ""]) : null,
    createdOn: life.createdOn,
    modifiedOn: life.modifiedOn,
    phoneSettings: type === "Email" ? null : { phoneNumber: value, doNotText: random.chance(0.1) },
    preferences: random.chance(0.3)
      ? null
      : {
          jobRemindersEnabled: true,
          marketingUpdatesEnabled: random.chance(0.5),
          invoiceStatementNotification: false,
          invoiceNotification: random.chance(0.5),
          statementNotification: false,
        },
    active: !random.chance(0.07),
  };
}

function phone(random: Random): string {
  const area = random.integer(201, 989);
  const last = String(random.integer(100, 199)).padStart(4, "0");
  return random.weighted([
    [`${area}555${last}`, 70],
    [`(${area}) 555-${last}`, 8],
    [`${area}-555-${last}`, 6],
    [`${area}.555.${last}`, 3],
    [`+1 ${area} 555 ${last}`, 4],
    [`1${area}555${last}`, 3],
    [`${area}555${last} x12`, 2],
    [`+44 20 7946 0${last.slice(1)}`, 2],
    [`555-${last}`, 1],
    [` ${area} 555${last} `, 1],
  ]);
}

export function* locationRows(plan: TenantPlan): Iterable<Row> {
  const random = createRandom(plan.size.seed, plan.size.tenantId, "locations");
  for (const location of plan.locations) {
    const { createdOn, createdById, modifiedOn } = lifespan(random, moment(random));
    yield {
      id: location.id,
      customerId: location.customer.id,
      active: location.customer.isActive && !random.chance(0.03),
      name: location.name,
      address: location.address,
      customFields: [],
      createdOn,
      createdById,
      modifiedOn,
      mergedToId: null,
      zoneId: location.zoneId,
      taxExempt: false,
      tagTypeIds: [],
      externalData: random.chance(0.5) ? null : [],
      taxZoneId: random.chance(0.5) ? null : 9,
    };
  }
}
