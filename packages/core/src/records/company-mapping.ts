import type { JoinedInvoice } from "./definitions/invoice.js";
import type { JoinedMember } from "./definitions/member.js";

/** How a value of a mapping prints. */
export const columnFormats = ["text", "html", "date-time", "date", "phone"] as const;
/**
 * `text`: trimmed, with runs of whitespace collapsed to one space. `html`: plain text with its line breaks.
 * `date-time`: an instant in the company's time zone. `date`: as written, never shifted. `phone`: ten digits as `(555)
 * 123-4567`.
 */
export type ColumnFormat = (typeof columnFormats)[number];

export type ColumnValue = string | number | bigint | boolean | null | undefined;

/**
 * Computes a column's value from the joined entities, as ServiceTitan sent them. Must be pure: it may be called again
 * at any time. Whole numbers above 2^53 are of type `bigint`; other numbers have JavaScript's digits, whereas a path
 * keeps the original ones.
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
 * A company's custom columns: columns of the host's tables that are filled from other fields, and added columns. The
 * rules apply to the result.
 *
 * @example
 * const mapping: CompanyMapping = {
 *   member: { gate_code: "customer.customFields[name=Gate code].value" },
 *   invoice: {
 *     balance: "invoice.balance",
 *     trade: ({ invoice }) => (invoice.job?.type?.startsWith("Drain") ? "Plumbing" : "HVAC"),
 *   },
 * };
 *
 */
export interface CompanyMapping {
  readonly member?: Readonly<Record<string, ColumnSource<MemberSource>>> | undefined;
  readonly invoice?: Readonly<Record<string, ColumnSource<InvoiceSource>>> | undefined;
  /** For a host's own record type. Its functions receive the joined entities. */
  readonly [record: string]: Readonly<Record<string, ColumnSource<never>>> | undefined;
}

/** The entities that a member's columns can use. */
export interface MemberSource extends JoinedMember {
  /** The membership that represents the customer. */
  readonly membership: JoinedMember["memberships"][number] | null;
  /** Its type. */
  readonly membershipType: JoinedMember["membershipTypes"][number] | null;
}

/** The entities that an invoice's columns can use. */
export type InvoiceSource = JoinedInvoice;
