import { createSimulator, type Row, type SimulatedTenant } from "@titan-sync/simulator";
import { allFeeds } from "./feeds.js";

export interface MultipliedOptions {
  /** Of each. */
  readonly customers: number;
  readonly invoices: number;
  readonly pageSize: number;
  /** Invoices get summaries that make them about so large, where they are smaller. */
  readonly invoiceBytes?: number | undefined;
}

/** An API that holds only a sample of its rows. */
export interface MultipliedSource {
  readonly tenant: SimulatedTenant;
  /** The body of the answer to a request. */
  answer(url: URL): string;
}

/** Rows that are made up once, and of which every row is a copy with other ids. */
const sampleRows = 1000;
/** Between the ids of two copies: above every id of the sample. */
const stride = 1_000_000_000;

/** References to entities of feeds that grow. */
const references = new Set(["customerId", "locationId", "jobId", "firstAppointmentId", "billToId"]);
const nested = new Set(["customer", "location", "job"]);

/**
 * Endless rows in bounded memory: the rows of a small simulator over and over, each time with higher ids, so
 * that copies belong together as the originals do. Exports only, from the beginning or a token; the order never
 * changes.
 */
export function multiply(options: MultipliedOptions): MultipliedSource {
  const { customers, invoices, pageSize, invoiceBytes = 0 } = options;
  const copies = Math.ceil(Math.max(customers, invoices) / sampleRows);
  const perCopy = (count: number): number => Math.round(count / copies);
  const simulator = createSimulator({
    tenants: [{ customers: perCopy(customers), invoices: perCopy(invoices) }],
  });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new RangeError("The simulator has no tenant.");
  const tables = new Map(
    allFeeds.map(({ path, feed, grows }) => [
      path,
      {
        rows: rowsOf(simulator.rows(tenant.tenantId, feed), feed === "invoices" ? invoiceBytes : 0),
        copies: grows ? copies : 1,
      },
    ]),
  );

  return {
    tenant,
    answer(url) {
      if (url.pathname.endsWith("/connect/token")) {
        return JSON.stringify({ access_token: "token", token_type: "Bearer", expires_in: 86_400 });
      }
      const table = tables.get(url.pathname.replace(/^.*\/tenant\/\d+\//, ""));
      if (table === undefined) throw new RangeError(`Nothing lies at ${url.pathname}.`);
      const total = table.rows.length * table.copies;
      const start = Number(url.searchParams.get("from") ?? 0);
      const end = Math.min(start + pageSize, total);
      const data: Row[] = [];
      for (let index = start; index < end; index += 1) {
        const row = table.rows[index % table.rows.length];
        const copy = Math.floor(index / table.rows.length);
        if (row !== undefined) data.push(copy === 0 ? row : shifted(row, copy * stride));
      }
      const hasMore = end < total;
      return JSON.stringify({ hasMore, continueFrom: String(end), page: 1, totalCount: total, data });
    },
  };
}

function rowsOf(rows: readonly Row[], minBytes: number): readonly Row[] {
  if (minBytes === 0) return rows;
  return rows.map((row) => {
    const lacking = minBytes - JSON.stringify(row).length;
    return lacking <= 0
      ? row
      : { ...row, summary: `${row["summary"] ?? ""} ${"More. ".repeat(lacking / 6)}` };
  });
}

function shifted(row: Row, by: number): Row {
  const copy: Record<string, unknown> = { ...row, id: row.id + by };
  for (const name of Object.keys(row)) {
    const value = copy[name];
    if (references.has(name) && typeof value === "number" && value !== 0) copy[name] = value + by;
    if (nested.has(name) && typeof value === "object" && value !== null && "id" in value) {
      copy[name] = { ...value, id: Number(value.id) + by };
    }
  }
  return copy as Row;
}
