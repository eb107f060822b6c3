import { membershipTypeRows, zoneRows } from "./data/catalog.js";
import { invoiceRows } from "./data/invoices.js";
import { appointmentRows, jobRows } from "./data/jobs.js";
import { membershipRows } from "./data/memberships.js";
import { contactRows, customerRows, locationRows } from "./data/people.js";
import type { TenantPlan } from "./data/plan.js";
import type { Row } from "./row.js";

/** How a query parameter of a list is compared with a field. */
export type Comparison = "among" | "equals" | "contains" | "since" | "before" | "greater" | "less";

export interface ListFilter {
  /** A field, or a nested one by dots. */
  readonly field: string;
  readonly comparison: Comparison;
}

/**
 * Which rows a list holds: by `active` (active ones unless asked otherwise), by `activeState` (every row unless
 * asked otherwise: the real default is undocumented), or never the deleted ones, where rows of the list have no
 * `active` field.
 */
export type ListActivity = "active" | "activeState" | "never-deleted";

/** Where a feed lies in the API, what its list understands, and what a made-up tenant has in it. */
export interface FeedRoute {
  /** First segment of the path. */
  readonly module: string;
  /** Behind `/{module}/v2/tenant/{tenant}/`; the export is at `export/{path}`. */
  readonly path: string;
  readonly scope: string;
  readonly hasExport: boolean;
  /** Whether the export understands `active`. */
  readonly exportTakesActive: boolean;
  /** Whether `{path}/{id}` answers. */
  readonly hasItems: boolean;
  readonly activity: ListActivity;
  /** Fields that `sort` takes, with the row's field; empty where the list has no `sort`. */
  readonly sorts: Readonly<Record<string, string>>;
  /** Whether `orderBy` and `orderByDirection` are understood. */
  readonly hasOrderBy: boolean;
  /** By query parameter. */
  readonly filters: Readonly<Record<string, ListFilter>>;
  /** One of these parameters must be given, where any is named. */
  readonly requiresOneOf: readonly string[];
  /** Fields that only the export has. */
  readonly exportOnly: readonly string[];
  /** Fields that a list leaves null unless the named switch is `true`. */
  readonly onRequest: Readonly<Record<string, string>>;
  /** Generates a tenant's rows, one at a time. */
  readonly rows: (plan: TenantPlan) => Iterable<Row>;
}

const dates: Readonly<Record<string, ListFilter>> = {
  createdOnOrAfter: { field: "createdOn", comparison: "since" },
  createdBefore: { field: "createdOn", comparison: "before" },
  modifiedOnOrAfter: { field: "modifiedOn", comparison: "since" },
  modifiedBefore: { field: "modifiedOn", comparison: "before" },
};

const ids: Readonly<Record<string, ListFilter>> = { ids: { field: "id", comparison: "among" } };

const addressParts: Readonly<Record<string, ListFilter>> = Object.fromEntries(
  ["street", "unit", "city", "state", "zip", "country"].map((part) => [part, contains(`address.${part}`)]),
);

const usualSorts = { Id: "id", ModifiedOn: "modifiedOn", CreatedOn: "createdOn" } as const;

/** The streams of a simulated tenant, by name. A feed is added here, and its rows in a file of `data/`. */
export const feedRoutes = {
  customers: route("crm", "customers", "tn.crm.customers:r", customerRows, {
    filters: { ...ids, ...dates, ...addressParts, name: contains("name") },
  }),
  "customer-contacts": route("crm", "customers/contacts", "tn.crm.customers:r", contactRows, {
    hasItems: false,
    activity: "never-deleted",
    sorts: {},
    filters: { ...dates, customerIds: { field: "customerId", comparison: "among" } },
    requiresOneOf: ["customerIds", "modifiedOnOrAfter", "modifiedBefore"],
    exportOnly: ["active"],
  }),
  locations: route("crm", "locations", "tn.crm.locations:r", locationRows, {
    filters: { ...ids, ...dates, ...addressParts, name: contains("name"), customerId: equals("customerId") },
  }),
  invoices: route("accounting", "invoices", "tn.acc.invoices:r", invoiceRows, {
    hasItems: false,
    activity: "activeState",
    hasOrderBy: true,
    filters: {
      ...ids,
      ...dates,
      statuses: { field: "syncStatus", comparison: "among" },
      reviewStatuses: { field: "reviewStatus", comparison: "among" },
      invoiceConfigurations: { field: "invoiceConfiguration", comparison: "among" },
      batchId: equals("batch.id"),
      batchNumber: equals("batch.number"),
      jobId: equals("job.id"),
      jobNumber: equals("job.number"),
      businessUnitId: equals("businessUnit.id"),
      customerId: equals("customer.id"),
      invoicedOnOrAfter: { field: "invoiceDate", comparison: "since" },
      invoicedOnBefore: { field: "invoiceDate", comparison: "before" },
      dueDateOnOrAfter: { field: "dueDate", comparison: "since" },
      dueDateBefore: { field: "dueDate", comparison: "before" },
      adjustmentToId: equals("adjustmentToId"),
      number: equals("referenceNumber"),
      totalGreater: { field: "total", comparison: "greater" },
      totalLess: { field: "total", comparison: "less" },
    },
  }),
  memberships: route("memberships", "memberships", "tn.mem.memberships:r", membershipRows, {
    filters: {
      ...ids,
      ...dates,
      customerIds: { field: "customerId", comparison: "among" },
      status: equals("status"),
      duration: equals("duration"),
      billingFrequency: equals("billingFrequency"),
    },
  }),
  "membership-types": route(
    "memberships",
    "membership-types",
    "tn.mem.membershiptypes:r",
    membershipTypeRows,
    {
      filters: { ...ids, ...dates },
      onRequest: {
        durationBilling: "includeDurationBilling",
        discounts: "includeDiscounts",
        recurringServices: "includeRecurringServices",
        tagTypeIds: "includeTags",
      },
    },
  ),
  jobs: route("jpm", "jobs", "tn.jpm.jobs:r", jobRows, {
    activity: "never-deleted",
    sorts: { ...usualSorts, Priority: "priority" },
    filters: {
      ...ids,
      ...dates,
      number: equals("jobNumber"),
      projectId: equals("projectId"),
      bookingId: equals("bookingId"),
      jobStatus: equals("jobStatus"),
      priority: equals("priority"),
      customerId: equals("customerId"),
      locationId: equals("locationId"),
      soldById: equals("soldById"),
      jobTypeId: equals("jobTypeId"),
      campaignId: equals("campaignId"),
      businessUnitId: equals("businessUnitId"),
      invoiceId: equals("invoiceId"),
      completedOnOrAfter: { field: "completedOn", comparison: "since" },
      completedBefore: { field: "completedOn", comparison: "before" },
    },
    exportOnly: ["active"],
  }),
  appointments: route("jpm", "appointments", "tn.jpm.appointments:r", appointmentRows, {
    exportTakesActive: true,
    filters: {
      ...ids,
      ...dates,
      jobId: equals("jobId"),
      number: equals("appointmentNumber"),
      status: equals("status"),
      startsOnOrAfter: { field: "start", comparison: "since" },
      startsBefore: { field: "start", comparison: "before" },
      customerId: equals("customerId"),
      unused: equals("unused"),
    },
  }),
  zones: route("dispatch", "zones", "tn.dis.zones:r", zoneRows, { hasExport: false, filters: dates }),
};

export type SimulatedFeed = keyof typeof feedRoutes;

export const simulatedFeeds = Object.keys(feedRoutes) as readonly SimulatedFeed[];

/** Every scope that a feed needs. */
export const allScopes: readonly string[] = [
  ...new Set(Object.values(feedRoutes).map((feedRoute) => feedRoute.scope)),
];

function route(
  module: string,
  path: string,
  scope: string,
  rows: FeedRoute["rows"],
  special: Partial<FeedRoute>,
): FeedRoute {
  return {
    module,
    path,
    scope,
    hasExport: true,
    exportTakesActive: false,
    hasItems: true,
    activity: "active",
    sorts: usualSorts,
    hasOrderBy: false,
    filters: dates,
    requiresOneOf: [],
    exportOnly: [],
    onRequest: {},
    rows,
    ...special,
  };
}

function equals(field: string): ListFilter {
  return { field, comparison: "equals" };
}

function contains(field: string): ListFilter {
  return { field, comparison: "contains" };
}
