import { invoiceColumnSources } from "./definitions/invoice.js";
import { memberColumnSources } from "./definitions/member.js";
import type { InvoiceRecord, MemberRecord } from "./record.js";

/** The columns of a `MemberRecord`, in the order of the host's table. */
export const memberColumns = Object.keys(memberColumnSources) as readonly (keyof MemberRecord)[];

/** The columns of an `InvoiceRecord`, in the order of the host's table. */
export const invoiceColumns = Object.keys(invoiceColumnSources) as readonly (keyof InvoiceRecord)[];

/** The columns of each record type, in the order of the host's tables. */
export const recordColumns = { member: memberColumns, invoice: invoiceColumns } as const;
