import type { Row, SimulatedFeed } from "@titan-sync/simulator";

export type RecordName = "member" | "invoice";

/** What a change of a feed sets, and which column of which records must show it. */
const shown = {
  customers: { member: "customer_name" },
  "customer-contacts": { member: "customer_phone_numbers", invoice: "customer_phone_numbers" },
  invoices: { invoice: "invoice_summary" },
  jobs: { invoice: "summary" },
  zones: { invoice: "zone" },
} as const satisfies Partial<Record<SimulatedFeed, Readonly<Partial<Record<RecordName, string>>>>>;

export type ChangedFeed = keyof typeof shown;
export const changedFeeds = Object.keys(shown) as [ChangedFeed, ...ChangedFeed[]];

/** The records of each data type. */
export const dataTypes = { customers: "member", invoices: "invoice" } as const;
export type DataType = keyof typeof dataTypes;

/** A change as ServiceTitan knows it. */
export interface LoggedChange {
  readonly feed: ChangedFeed;
  readonly id: number;
  /** Epoch milliseconds, by the server. */
  readonly at: number;
  readonly marker: string;
}

/** What a change with this number sets, and the text by which records show it. */
export function markedChange(
  feed: ChangedFeed,
  number: number,
): { readonly marker: string; readonly set: Readonly<Record<string, unknown>> } {
  const isContact = feed === "customer-contacts";
  const digits = String(number).padStart(7, "0");
  const marker = isContact ? `(555) ${digits.slice(0, 3)}-${digits.slice(3)}` : `Marker Number${number}`;
  const set = {
    customers: { name: marker },
    "customer-contacts": { value: `555${digits}`, type: "MobilePhone", active: true },
    invoices: { summary: marker },
    jobs: { summary: marker },
    zones: { name: marker },
  }[feed];
  return { marker, set };
}

/** ServiceTitan's side: the rows of a tenant, whose links do not change, and what changed when. */
export interface TenantHistory {
  rows(feed: SimulatedFeed): readonly Row[];
  /** Those of one row, oldest first. */
  changesOf(feed: ChangedFeed, id: number): readonly LoggedChange[];
}

/** What is claimed of a data type: every change before `freshAsOf` is delivered, except those of some feeds. */
export interface FreshnessClaim {
  readonly data: DataType;
  readonly freshAsOf: number;
  /** Feeds that the claim does not speak of. */
  readonly lacking: readonly string[];
  /** When the run ended that made the claim, by the server. */
  readonly claimedAt: number;
}

/** The host's side. */
export interface DeliveredRecords {
  find(record: RecordName, id: number): Readonly<Record<string, unknown>> | null;
  /** Whether a row or its record was rejected: that is as good as delivered. */
  isRejected(data: DataType, id: number): boolean;
}

/** @returns a sentence for each change that a claim says is delivered, and is not. */
export function findUndelivered(
  history: TenantHistory,
  claim: FreshnessClaim,
  delivered: DeliveredRecords,
): readonly string[] {
  const { data, freshAsOf, lacking } = claim;
  const record = dataTypes[data];
  const since = new Date(freshAsOf).toISOString();
  const faults: string[] = [];
  for (const row of history.rows(data)) {
    if (row["active"] === false || delivered.isRejected(data, row.id)) continue;
    if (isHidden(history, claim, data, row.id)) continue;
    const held = delivered.find(record, row.id);
    if (held === null) {
      faults.push(`${record} ${row.id} was there before ${since}`);
      continue;
    }
    for (const feed of changedFeeds) {
      const column = (shown[feed] as Partial<Record<RecordName, string>>)[record];
      // A zone is its location's.
      const through = feed === "zones" ? [feed, "locations"] : [feed];
      if (column === undefined || through.some((each) => lacking.includes(each))) continue;
      for (const id of namedBy(history, feed, data, row)) {
        const wanted = isHidden(history, claim, feed, id) ? [] : acceptable(history, claim, feed, id);
        if (wanted.length === 0) continue;
        const value = String(held[column]);
        if (wanted.some((marker) => value.includes(marker))) continue;
        faults.push(
          `${record} ${row.id} shows ${value}, not ${wanted.join(" or ")} of ${feed} ${id}; fresh as of ${since}`,
        );
      }
    }
  }
  return faults;
}

/**
 * Whether a row changed again before the run ended: exports leave it out until the lag of that change is over, and what
 * it was before is nowhere to be had.
 */
function isHidden(
  history: TenantHistory,
  { freshAsOf, claimedAt }: FreshnessClaim,
  feed: ChangedFeed,
  id: number,
): boolean {
  return history.changesOf(feed, id).some(({ at }) => at >= freshAsOf && at <= claimedAt);
}

/** What a column may show: the last change that must have arrived, or any that came later. */
function acceptable(
  history: TenantHistory,
  { freshAsOf }: FreshnessClaim,
  feed: ChangedFeed,
  id: number,
): readonly string[] {
  const changes = history.changesOf(feed, id);
  const required = changes.findLastIndex(({ at }) => at < freshAsOf);
  return required === -1 ? [] : changes.slice(required).map(({ marker }) => marker);
}

/** The rows of a feed that a record is made of. */
function namedBy(history: TenantHistory, feed: ChangedFeed, data: DataType, row: Row): readonly number[] {
  const idIn = (value: unknown): number | null =>
    typeof value === "object" && value !== null && "id" in value ? Number(value.id) : null;
  if (feed === data) return [row.id];
  const customer = data === "customers" ? row.id : idIn(row["customer"]);
  if (feed === "customer-contacts") {
    return history
      .rows(feed)
      .filter((contact) => contact["customerId"] === customer)
      .map((contact) => contact.id);
  }
  if (data === "customers") return [];
  if (feed === "jobs") return [idIn(row["job"])].filter((found) => found !== null);
  const location = history.rows("locations").find((each) => each.id === idIn(row["location"]));
  const zone = location?.["zoneId"];
  return feed === "zones" && typeof zone === "number" ? [zone] : [];
}
