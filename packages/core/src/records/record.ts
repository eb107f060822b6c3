/**
 * The name of a record type. Open, so that a host adds one where it is defined and nowhere else; those of this library
 * are {@link KnownRecordType}.
 */
export type RecordType = string;

/** The record types of this library. */
export type KnownRecordType = "member" | "invoice";

/** Something for each record type that has it. */
export interface ByRecordType<Value> {
  readonly member?: Value;
  readonly invoice?: Value;
  readonly [record: RecordType]: Value;
}

/** The columns that both record types share. Names are the host's. Empty text never occurs: it is `null`. */
export interface CoreRecord {
  /** The host's company key. */
  readonly tenant: string;
  readonly trade: string | null;
  readonly software: "ServiceTitan";
  readonly customer_id: string | null;
  readonly customer_name: string | null;
  readonly customer_first_name: string | null;
  readonly customer_last_name: string | null;
  /** All phones, joined with `, `. */
  readonly customer_phone_numbers: string | null;
  readonly customer_phone_number_primary: string | null;
  readonly street: string | null;
  readonly unit: string | null;
  readonly city: string | null;
  readonly state: string | null;
  readonly zip: string | null;
  readonly country: string | null;
  /** The host's import id. */
  readonly hub_plus_import_id: number | null;
}

/** One ServiceTitan customer in the host's format. */
export interface MemberRecord extends CoreRecord {
  readonly active_member: "Yes" | null;
  readonly membership_type: string | null;
  readonly current_status: string | null;
  /** The run's start in epoch seconds: one value per run. */
  readonly version: string;
}

/** One ServiceTitan invoice in the host's format. */
export interface InvoiceRecord extends CoreRecord {
  readonly invoice_number: string | null;
  readonly invoice_summary: string | null;
  readonly job_number: string | null;
  readonly job_type: string | null;
  readonly zone: string | null;
  /** An exact decimal, for instance `-1234.50`. */
  readonly total: string | null;
  /** `YYYY-MM-DD HH:mm:ss` in the company's time zone. */
  readonly first_appointment: string | null;
  readonly summary: string | null;
}

/** A record of a host's own type: texts, numbers among them with the digits that are to arrive. Empty text never occurs. */
export interface OwnRecord {
  readonly [column: string]: string | null;
}

export type HostRecord = MemberRecord | InvoiceRecord | OwnRecord;
