import type { FeedName } from "../feeds/feed.js";
import { feeds, type KnownFeedName } from "../feeds/feeds.js";
import { pathRoots } from "./check-mapping.js";
import type { PathStep } from "./column-path.js";
import type { CustomColumns } from "./custom-columns.js";

/** A field of a feed's rows that records are made of, or that landing and erasing need. */
export interface UsedField {
  readonly feed: FeedName;
  /** As a company accepts its absence: `address.zip`. */
  readonly path: string;
  /** The object in which it stands; `null` on a row's first level. */
  readonly parent: string | null;
  readonly name: string;
  /** The columns that are made of it; empty for a field that none is. */
  readonly columns: readonly string[];
  /** Whether records depend on it and ServiceTitan documents it for every row, so that its absence is a change. */
  readonly isAlways: boolean;
}

const names = ["customer_name", "customer_first_name", "customer_last_name"];
const phones = ["customer_phone_numbers", "customer_phone_number_primary"];
const status = ["current_status", "active_member"];
const addressParts = ["street", "unit", "city", "state", "zip", "country"];
const none: readonly string[] = [];

const addressOf = (parent: string): Columns =>
  Object.fromEntries([[parent, addressParts], ...addressParts.map((part) => [`${parent}.${part}`, [part]])]);

type Columns = Readonly<Record<string, readonly string[]>>;

/** The fields that the schema of each feed names, and the columns that are made of them. */
export const columnsOfFields: Readonly<Partial<Record<KnownFeedName, Columns>>> = {
  customers: {
    active: status,
    name: names,
    type: ["membership_type", "customer_first_name", "customer_last_name"],
    ...addressOf("address"),
    mergedToId: none,
    modifiedOn: none,
  },
  "customer-contacts": { customerId: phones, active: phones, type: phones, value: phones, modifiedOn: none },
  memberships: {
    customerId: [...status, "membership_type"],
    membershipTypeId: ["membership_type"],
    status,
    from: [...status, "membership_type"],
    to: [...status, "membership_type"],
    modifiedOn: none,
  },
  "membership-types": { name: ["membership_type"], modifiedOn: none },
  invoices: {
    active: none,
    referenceNumber: ["invoice_number"],
    invoiceDate: ["first_appointment"],
    total: ["total"],
    summary: ["invoice_summary", "summary"],
    customer: ["customer_id", ...names, ...phones],
    "customer.id": ["customer_id", ...names, ...phones],
    "customer.name": names,
    ...addressOf("customerAddress"),
    location: ["zone"],
    "location.id": ["zone"],
    "location.name": none,
    ...addressOf("locationAddress"),
    job: ["job_number", "job_type", "first_appointment", "summary"],
    "job.id": ["first_appointment", "summary"],
    "job.number": ["job_number"],
    "job.type": ["job_type"],
    modifiedOn: none,
  },
  jobs: {
    firstAppointmentId: ["first_appointment"],
    customerId: none,
    summary: ["summary"],
    modifiedOn: none,
  },
  appointments: { customerId: none, start: ["first_appointment"], modifiedOn: none },
  locations: { zoneId: ["zone"], customerId: none, modifiedOn: none },
  zones: { name: ["zone"], modifiedOn: none },
};

/**
 * The fields of a feed that the records of a company use: those that the maps read, and those on the paths of its
 * own columns. What a function of a mapping reads cannot be known.
 *
 * @param accepted - Fields whose absence the company accepts, as `feed.path`.
 */
export function usedFieldsOf(
  feed: FeedName,
  columns: CustomColumns,
  accepted: readonly string[] = [],
): readonly UsedField[] {
  const found = new Map<string, Set<string>>(
    Object.entries(columnsOfFields[feed as KnownFeedName] ?? {}).map(([path, own]) => [path, new Set(own)]),
  );
  for (const { name, paths } of mappedPaths(feed, columns)) {
    for (const path of paths) found.set(path, (found.get(path) ?? new Set()).add(name));
  }
  const always = feeds[feed as KnownFeedName]?.fields.always ?? [];
  return [...found]
    .filter(([path]) => !isAccepted(`${feed}.${path}`, accepted))
    .map(([path, own]) => {
      const [first = "", second] = path.split(".");
      return {
        feed,
        path,
        parent: second === undefined ? null : first,
        name: second ?? first,
        columns: [...own],
        isAlways: second === undefined && (own.size > 0 || path === "active") && always.includes(path),
      };
    });
}

/** Who accepts that an object is absent accepts that its fields are. */
function isAccepted(path: string, accepted: readonly string[]): boolean {
  return accepted.some((each) => path === each || path.startsWith(`${each}.`));
}

/** The fields of a feed that lie on the paths of a company's own columns, on a row's first two levels. */
function mappedPaths(feed: FeedName, columns: CustomColumns) {
  return (["member", "invoice"] as const).flatMap((type) =>
    columns[type].flatMap(({ name, source }) => {
      if (typeof source === "function") return [];
      const [root, ...steps] = source;
      if (root?.kind !== "field" || pathRoots[type][root.name]?.feed.name !== feed) return [];
      return [{ name, paths: pathsAlong(steps) }];
    }),
  );
}

function pathsAlong(steps: readonly PathStep[]): readonly string[] {
  const chosen = steps[0]?.kind === "where" ? [steps[0].field] : [];
  const [first, second] = steps[0]?.kind === "field" ? steps : steps.slice(1);
  if (first?.kind !== "field") return chosen;
  const inner = second?.kind === "field" ? [`${first.name}.${second.name}`] : [];
  return [...chosen, first.name, ...inner];
}
