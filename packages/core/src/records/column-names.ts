/** The columns of both record types, in the order of the host's tables. */
const coreColumns = [
  "tenant",
  "trade",
  "software",
  "customer_id",
  "customer_name",
  "customer_first_name",
  "customer_last_name",
  "customer_phone_numbers",
  "customer_phone_number_primary",
  "street",
  "unit",
  "city",
  "state",
  "zip",
  "country",
  "hub_plus_import_id",
] as const;

/** The columns of a `MemberRecord`, in the order of the host's table. */
export const memberColumns = [
  ...coreColumns,
  "active_member",
  "membership_type",
  "current_status",
  "version",
] as const;

/** The columns of an `InvoiceRecord`, in the order of the host's table. */
export const invoiceColumns = [
  ...coreColumns,
  "invoice_number",
  "invoice_summary",
  "job_number",
  "job_type",
  "zone",
  "total",
  "first_appointment",
  "summary",
] as const;

/** The columns of each record type, in the order of the host's tables. */
export const recordColumns = { member: memberColumns, invoice: invoiceColumns } as const;
