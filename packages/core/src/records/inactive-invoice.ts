import type { Invoice } from "../feeds/invoices.js";

/**
 * Whether ServiceTitan has deactivated or deleted an invoice: it is delivered as a removal or left out, and
 * never mapped. One that does not say is active.
 */
export function isInactiveInvoice(invoice: Pick<Invoice, "active">): boolean {
  return invoice.active === false;
}
