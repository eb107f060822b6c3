import type { BatchItem } from "../ports/record-sink.js";
import type { TenantScope } from "../ports/tenant.js";
import type { CoreRecord, HostRecord, InvoiceRecord, MemberRecord } from "../records/record.js";

function coreRecord({ companyId }: TenantScope, id: string, name: string): CoreRecord {
  return {
    tenant: companyId,
    trade: "HVAC",
    software: "ServiceTitan",
    customer_id: id,
    customer_name: name,
    customer_first_name: null,
    customer_last_name: null,
    customer_phone_numbers: "(555) 010-0001, (555) 010-0002",
    customer_phone_number_primary: "(555) 010-0001",
    street: "1 Sample Street",
    unit: null,
    city: "Springfield",
    state: "IL",
    zip: "62701",
    country: "US",
    hub_plus_import_id: null,
  };
}

/** A member with this customer id and name. */
export function memberRecord(scope: TenantScope, id: string, name: string): MemberRecord {
  return {
    ...coreRecord(scope, id, name),
    active_member: "Yes",
    membership_type: "Gold",
    current_status: "Active",
    version: "1767225600",
  };
}

/** An invoice with this id, for a customer with the same id and this name. */
export function invoiceRecord(scope: TenantScope, id: string, name: string): InvoiceRecord {
  return {
    ...coreRecord(scope, id, name),
    invoice_number: `INV-${id}`,
    invoice_summary: "Replaced the filter",
    job_number: null,
    job_type: "Repair",
    zone: "North",
    total: "1234.50",
    first_appointment: "2026-03-01 09:00:00",
    summary: "Replaced the filter",
  };
}

/** An item that upserts the record under its customer's id. */
export function upsert(record: HostRecord, revision: number): BatchItem {
  return { op: "upsert", key: record.customer_id ?? "", revision, record };
}

export function removal(key: string, revision: number): BatchItem {
  return { op: "remove", key, revision };
}
