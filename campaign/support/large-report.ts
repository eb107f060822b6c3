import { once } from "node:events";
import { createWriteStream } from "node:fs";
import type { Pool } from "pg";
import type { Dice } from "./campaign.js";

/** A cell as a spreadsheet holds it. */
export type Cell = string | { readonly number: number } | { readonly days: number };

/** What a row of a report was made to say differently. */
export type Plant = "zip" | "total" | "summary" | "missing" | "added";

const plants = ["zip", "total", "summary", "missing", "added"] as const satisfies readonly Plant[];

/** One row in this many differs. */
const rarity = 500;

/** Which rows of a report differ from their records, and how. At least one of each kind. */
export function choosePlants(rows: number, dice: Dice): ReadonlyMap<number, Plant> {
  const chosen = new Map<number, Plant>();
  const wanted = Math.max(plants.length, Math.round(rows / rarity));
  while (chosen.size < wanted) {
    const kind = plants[chosen.size % plants.length] ?? "zip";
    const index = dice.integer(0, rows - 1);
    if (!chosen.has(index)) chosen.set(index, kind);
  }
  return chosen;
}

/** What must be found, as `key,kind,column`. */
export function expectedFindings(planted: ReadonlyMap<number, Plant>): readonly string[] {
  return [...planted]
    .map(([index, plant]) => {
      if (plant === "missing") return `${keyOf(index)},only-here,`;
      if (plant === "added") return `${addedKeyOf(index)},only-there,`;
      return `${keyOf(index)},differs,${plant}`;
    })
    .sort();
}

const keyOf = (index: number): string => `INV-${index}`;
const addedKeyOf = (index: number): string => `ADDED-${index}`;

const streets = ["Harbor Blvd", "Oak Street", "Mill Road", "Lake View Drive"];
const zones = ["Downtown", "North", "Río Grande", null];
const firstDay = Date.UTC(2020, 0, 1);
const dayMs = 24 * 60 * 60_000;

/** An invoice as it was delivered; the same for the same index. */
function invoiceOf(index: number) {
  const day = new Date(firstDay + (index % 2000) * dayMs).toISOString().slice(0, 10);
  return {
    tenant: "acme",
    customer_id: String(40_000_000 + (index % 300_000)),
    customer_name: `Marcus Keller ${index % 300_000}`,
    customer_phone_number_primary: `(555) 01${index % 10}-${String(index % 10_000).padStart(4, "0")}`,
    street: `${index % 9999} ${streets[index % streets.length]}`,
    city: "Tulsa",
    state: "OK",
    zip: String(10_000 + (index % 80_000)),
    invoice_number: keyOf(index),
    job_number: String(60_000_000 + index),
    zone: zones[index % zones.length] ?? null,
    total: `${index % 5000}.${String(index % 100).padStart(2, "0")}`,
    first_appointment: `${day} 09:30:00`,
    summary: `Checked the filter of unit ${index}, "topped up" refrigerant`,
  };
}

type Invoice = ReturnType<typeof invoiceOf>;

const rowsInStatement = 5000;

/** Delivers invoices to a company, as if a sync had. */
export async function deliverInvoices(pool: Pool, companyId: string, rows: number): Promise<void> {
  const { rows: scopes } = await pool.query<{ id: number }>(
    `INSERT INTO titan_sync.tenant_scopes (company_id, environment, tenant_id) VALUES ($1, 'production', '1001')
    RETURNING scope_id AS id`,
    [companyId],
  );
  for (let from = 0; from < rows; from += rowsInStatement) {
    const indexes = Array.from(
      { length: Math.min(rowsInStatement, rows - from) },
      (_, place) => from + place,
    );
    await pool.query(
      `INSERT INTO titan_sync.delivered_records
        (scope_id, company_id, record_type, entity_id, revision, removed, content_hash, record)
      SELECT $1, $2, 'invoice', entity_id, 1, false, 'hash', record
      FROM unnest($3::bigint[], $4::text[]) delivered (entity_id, record)`,
      [scopes[0]?.id, companyId, indexes, indexes.map((index) => JSON.stringify(invoiceOf(index)))],
    );
  }
}

const headers: readonly (readonly [header: string, cell: (invoice: Invoice) => Cell | null])[] = [
  ["Invoice #", (invoice) => invoice.invoice_number],
  ["Customer ID", (invoice) => invoice.customer_id],
  ["Customer Name", (invoice) => `  ${invoice.customer_name} `],
  ["Phone", (invoice) => invoice.customer_phone_number_primary.replaceAll(/\D/g, "")],
  ["Location Street", (invoice) => invoice.street],
  ["Location City", (invoice) => invoice.city],
  ["Location State", (invoice) => invoice.state],
  ["Location Zip", (invoice) => invoice.zip],
  ["Job #", (invoice) => ({ number: Number(invoice.job_number) })],
  ["Zone", (invoice) => invoice.zone],
  ["Total", (invoice) => ({ number: Number(invoice.total) })],
  ["Invoice Date", (invoice) => ({ days: daysOf(invoice.first_appointment) })],
  ["Summary", (invoice) => invoice.summary],
];

/** Days since the epoch of spreadsheets. */
function daysOf(date: string): number {
  return Date.parse(`${date.slice(0, 10)}T00:00:00Z`) / dayMs + 25_569;
}

/** The report of the same invoices that a person would export, header first, with the plants in it. */
export function* reportOf(
  rows: number,
  planted: ReadonlyMap<number, Plant>,
): Generator<readonly (Cell | null)[]> {
  yield headers.map(([header]) => header);
  for (let index = 0; index < rows; index += 1) {
    const invoice = invoiceOf(index);
    const plant = planted.get(index);
    if (plant === "added") yield cellsOf({ ...invoice, invoice_number: addedKeyOf(index) });
    if (plant !== "missing") yield cellsOf(altered(invoice, plant));
  }
}

function altered(invoice: Invoice, plant: Plant | undefined): Invoice {
  if (plant === "zip") return { ...invoice, zip: `9${invoice.zip.slice(1)}` };
  if (plant === "total") return { ...invoice, total: `1${invoice.total}` };
  if (plant === "summary") return { ...invoice, summary: `${invoice.summary}, twice` };
  return invoice;
}

const cellsOf = (invoice: Invoice): readonly (Cell | null)[] => headers.map(([, cell]) => cell(invoice));

/** Writes a report as CSV, amounts and dates as ServiceTitan prints them. */
export async function writeCsv(file: string, rows: Iterable<readonly (Cell | null)[]>): Promise<void> {
  const stream = createWriteStream(file);
  for (const row of rows) {
    if (!stream.write(`${row.map(csvField).join(",")}\r\n`)) await once(stream, "drain");
  }
  stream.end();
  await once(stream, "close");
}

function csvField(cell: Cell | null): string {
  if (cell === null) return "";
  if (typeof cell === "string") return `"${cell.replaceAll('"', '""')}"`;
  if ("number" in cell) return `"${cell.number.toLocaleString("en-US", { useGrouping: false })}"`;
  return new Date((cell.days - 25_569) * dayMs).toISOString().slice(0, 10);
}
