import type { JoinedInvoice } from "./definitions/invoice.js";
import type { JoinedMember } from "./definitions/member.js";

/** How a value of a mapping prints. */
export const columnFormats = ["text", "html", "date-time", "date", "phone"] as const;
/**
 * `text`: trimmed, runs of blanks one. `html`: plain text with its line breaks. `date-time`: an instant in the
 * company's time zone. `date`: as it is written, never shifted. `phone`: ten digits as `(555) 123-4567`.
 */
export type ColumnFormat = (typeof columnFormats)[number];

export type ColumnValue = string | number | bigint | boolean | null | undefined;

/**
 * Makes a column's value of the joined entities, as ServiceTitan gave them. Pure: called again at any time. Whole
 * numbers above 2^53 are of type `bigint`; other numbers have the digits that JavaScript gives them, where a path
 * gives those that came.
 */
export type ColumnFunction<Joined> = (joined: Joined) => ColumnValue;

/** Where a column's value comes from: a path into the joined entities, or a function of them. */
export type ColumnSource<Joined> =
  | string
  | ColumnFunction<Joined>
  | {
      readonly from: string | ColumnFunction<Joined>;
      /** @defaultValue the column's own format, `text` for an added one */
      readonly as?: ColumnFormat | undefined;
    };

/**
 * What a company's records have differently: columns of the host's tables that are filled from elsewhere, and
 * columns that are added. The rules apply to what comes out.
 *
 * @example
 * const mapping: CompanyMapping = {
 *   member: { gate_code: "customer.customFields[name=Gate code].value" },
 *   invoice: {
 *     balance: "invoice.balance",
 *     trade: ({ invoice }) => (invoice.job?.type?.startsWith("Drain") ? "Plumbing" : "HVAC"),
 *   },
 * };
 */
export interface CompanyMapping {
  readonly member?: Readonly<Record<string, ColumnSource<MemberSource>>> | undefined;
  readonly invoice?: Readonly<Record<string, ColumnSource<InvoiceSource>>> | undefined;
  /** Of a record type of the host's own. Its functions get what it is joined of. */
  readonly [record: string]: Readonly<Record<string, ColumnSource<never>>> | undefined;
}

/** What a member's columns can be made of. */
export interface MemberSource extends JoinedMember {
  /** The membership that speaks for the customer. */
  readonly membership: JoinedMember["memberships"][number] | null;
  /** Its type. */
  readonly membershipType: JoinedMember["membershipTypes"][number] | null;
}

/** What an invoice's columns can be made of. */
export type InvoiceSource = JoinedInvoice;
