import { createRandom, type Random } from "../random.js";
import { type GeneratedAddress, makeAddress } from "./address.js";
import { moment } from "./history.js";
import { idSequence } from "./sequence.js";
import {
  businessUnitNames,
  companyNames,
  firstNames,
  jobTypeNames,
  lastNames,
  membershipTypeNames,
  zoneNames,
} from "./words.js";

/** How much of a tenant to make up. */
export interface TenantSize {
  readonly seed: number;
  readonly tenantId: string;
  readonly customers: number;
  readonly invoices: number;
}

export interface NamedId {
  readonly id: number;
  readonly name: string;
}

export interface PlannedCustomer extends NamedId {
  readonly isCompany: boolean;
  readonly address: GeneratedAddress | null;
  readonly isActive: boolean;
  readonly mergedToId: number | null;
}

export interface PlannedLocation extends NamedId {
  readonly customer: PlannedCustomer;
  readonly address: GeneratedAddress | null;
  readonly zoneId: number | null;
}

export interface PlannedJob {
  readonly id: number;
  readonly type: NamedId;
  /** None for a job that was booked without a visit. */
  readonly appointmentIds: readonly number[];
}

/** One invoice and what belongs to it. */
export interface PlannedInvoice {
  readonly id: number;
  /** Epoch milliseconds. */
  readonly bookedAt: number;
  readonly customer: PlannedCustomer;
  /** Null for sales over the counter and for membership fees. */
  readonly location: PlannedLocation | null;
  readonly job: PlannedJob | null;
  readonly businessUnit: NamedId;
}

/** The skeleton of a tenant: ids and who belongs to whom, before any row is written out. */
export interface TenantPlan {
  readonly size: TenantSize;
  readonly zones: readonly NamedId[];
  readonly businessUnits: readonly [NamedId, ...NamedId[]];
  readonly jobTypes: readonly [NamedId, ...NamedId[]];
  readonly membershipTypes: readonly [NamedId, ...NamedId[]];
  readonly customers: readonly PlannedCustomer[];
  readonly locations: readonly PlannedLocation[];
  readonly invoices: readonly PlannedInvoice[];
}

export function planTenant(size: TenantSize): TenantPlan {
  const random = createRandom(size.seed, size.tenantId, "plan");
  const zones = named(idSequence(random, 70), zoneNames);
  const businessUnits = named(idSequence(random, 4_000), businessUnitNames);
  const jobTypes = named(idSequence(random, 6_000), jobTypeNames);
  const membershipTypes = named(idSequence(random, 9_000), membershipTypeNames);
  const customers = planCustomers(random, size.customers);
  const locations = planLocations(random, customers, zones);
  const invoices = planInvoices(random, size.invoices, locations, jobTypes, businessUnits);
  return { size, zones, businessUnits, jobTypes, membershipTypes, customers, locations, invoices };
}

function named(
  nextId: () => number,
  [first, ...others]: readonly [string, ...string[]],
): [NamedId, ...NamedId[]] {
  return [{ id: nextId(), name: first }, ...others.map((name) => ({ id: nextId(), name }))];
}

function planCustomers(random: Random, count: number): PlannedCustomer[] {
  const nextId = idSequence(random, 41_000_000);
  const customers: PlannedCustomer[] = [];
  for (let index = 0; index < count; index += 1) {
    const isCompany = random.chance(0.12);
    const isMerged = index > 0 && random.chance(0.015);
    const survivor = isMerged ? customers[random.integer(0, index - 1)] : undefined;
    customers.push({
      id: nextId(),
      name: customerName(random, isCompany),
      isCompany,
      address: makeAddress(random),
      isActive: survivor === undefined && !random.chance(0.05),
      mergedToId: survivor?.id ?? null,
    });
  }
  return customers;
}

function customerName(random: Random, isCompany: boolean): string {
  if (random.chance(0.004)) return random.pick(["", "   "]);
  if (isCompany) return random.pick(companyNames);
  const last = random.pick(lastNames);
  if (random.chance(0.02)) return last;
  const first = random.pick(firstNames);
  const name = random.chance(0.06) ? `${first} & ${random.pick(firstNames)} ${last}` : `${first} ${last}`;
  if (random.chance(0.04)) return ` ${name}`;
  return random.chance(0.02) ? name.replace(" ", "  ") : name;
}

/** Most customers have one location, a few have several, some none yet. */
function planLocations(
  random: Random,
  customers: readonly PlannedCustomer[],
  zones: readonly NamedId[],
): PlannedLocation[] {
  const nextId = idSequence(random, 71_000_000);
  const locations: PlannedLocation[] = [];
  for (const customer of customers) {
    const count = random.weighted([
      [1, 88],
      [2, 6],
      [0, 4],
      [4, 2],
    ]);
    for (let number = 1; number <= count; number += 1) {
      const isHome = number === 1 && !random.chance(0.1);
      locations.push({
        id: nextId(),
        customer,
        name: isHome ? customer.name : `${customer.name} ${number}`,
        address: isHome ? customer.address : makeAddress(random),
        zoneId: random.chance(0.1) ? null : (zones[random.integer(0, zones.length - 1)]?.id ?? null),
      });
    }
  }
  return locations;
}

function planInvoices(
  random: Random,
  count: number,
  locations: readonly PlannedLocation[],
  jobTypes: readonly [NamedId, ...NamedId[]],
  businessUnits: readonly [NamedId, ...NamedId[]],
): PlannedInvoice[] {
  const nextInvoiceId = idSequence(random, 31_000_000);
  const nextJobId = idSequence(random, 61_000_000);
  const nextAppointmentId = idSequence(random, 65_000_000);
  const invoices: PlannedInvoice[] = [];
  for (let index = 0; index < count; index += 1) {
    const location = locations[random.integer(0, locations.length - 1)];
    if (location === undefined) break;
    const hasJob = random.chance(0.9);
    const visits = random.weighted([
      [1, 85],
      [2, 10],
      [0, 5],
    ]);
    invoices.push({
      id: nextInvoiceId(),
      bookedAt: moment(random),
      customer: location.customer,
      location: hasJob || random.chance(0.5) ? location : null,
      job: hasJob
        ? {
            id: nextJobId(),
            type: random.pick(jobTypes),
            appointmentIds: Array.from({ length: visits }, nextAppointmentId),
          }
        : null,
      businessUnit: random.pick(businessUnits),
    });
  }
  return invoices;
}
