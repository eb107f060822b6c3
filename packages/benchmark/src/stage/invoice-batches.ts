import type { InvoiceRecord, RecordBatch } from "@titan-sync/core";

/** As many as a sync delivers at once. */
export const batchSize = 2000;

/**
 * Batches of made-up invoices, ids ascending.
 * @param revision - Of all of them; their summaries name it, so that another one is a change.
 */
export function* invoiceBatches(count: number, revision: number): Generator<RecordBatch> {
  for (let from = 0; from < count; from += batchSize) {
    const ids = Array.from(
      { length: Math.min(batchSize, count - from) },
      (_, place) => 31_000_000 + from + place,
    );
    yield {
      id: `batch-${revision}-${from}`,
      runId: "run",
      credentialId: "credential",
      scope: { companyId: "acme", environment: "production", tenantId: "1001" },
      record: "invoice",
      items: ids.map((id) => ({ op: "upsert", key: String(id), revision, record: invoiceOf(id, revision) })),
    };
  }
}

function invoiceOf(id: number, revision: number): InvoiceRecord {
  const customer = 40_000_000 + (id % 30_000);
  return {
    tenant: "acme",
    trade: "HVAC",
    software: "ServiceTitan",
    customer_id: String(customer),
    customer_name: `Marcus Keller ${customer}`,
    customer_first_name: "Marcus",
    customer_last_name: "Keller",
    customer_phone_numbers: "(555) 014-2233, (555) 014-7788",
    customer_phone_number_primary: "(555) 014-2233",
    street: `${id % 9999} Harbor Blvd`,
    unit: null,
    city: "Tulsa",
    state: "OK",
    zip: String(10_000 + (id % 80_000)),
    country: "US",
    hub_plus_import_id: null,
    invoice_number: `INV-${id}`,
    invoice_summary: `Checked the filter, "topped up" refrigerant\nTold the customer of rust, ${id}`,
    job_number: String(60_000_000 + id),
    job_type: "Repair",
    zone: "Downtown",
    total: `${id % 5000}.${String(id % 100).padStart(2, "0")}`,
    first_appointment: "2024-07-24 15:30:00",
    summary: `Visit ${revision} of unit ${id}`,
  };
}
