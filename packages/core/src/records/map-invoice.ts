import { idText } from "../feeds/entity-id.js";
import { exactNumber, noTexts, type RowTexts } from "../json/exact-numbers.js";
import { addressColumns, chooseAddress } from "./address.js";
import { applyMapping } from "./apply-mapping.js";
import { cleanText } from "./clean-text.js";
import { companyColumns } from "./company-columns.js";
import { columnsFor, readColumns } from "./custom-columns.js";
import { printBusinessDate, printInstant } from "./date-time.js";
import { invoiceJoin, type JoinedInvoice } from "./definitions/invoice.js";
import { feedsBehind } from "./definitions/reach.js";
import { valueOr } from "./fallback.js";
import { htmlText } from "./html-text.js";
import { isUnreadableInstant } from "./instant.js";
import { judge } from "./judge-record.js";
import type { MapContext } from "./map-context.js";
import type { MapOutcome } from "./map-outcome.js";
import { readAmount } from "./money.js";
import { nameColumns } from "./names.js";
import { phoneColumns } from "./phones.js";
import type { InvoiceRecord } from "./record.js";

const customerFeeds = feedsBehind(invoiceJoin, "customer");
const jobFeeds = feedsBehind(invoiceJoin, "job");
const appointmentFeeds = feedsBehind(invoiceJoin, "firstAppointment");

/**
 * One invoice as the host's invoice record, or the rules that it breaks. Pure; the order in which related
 * entities come does not matter. Whether an inactive invoice is mapped at all is the caller's matter:
 * `isInactiveInvoice`.
 *
 * @param texts - Of the joined rows: amounts have the digits that stand there.
 */
export function mapInvoice(
  joined: JoinedInvoice,
  context: MapContext,
  texts: RowTexts = noTexts,
): MapOutcome<InvoiceRecord> {
  const { invoice, customer, contacts, job, firstAppointment, zone } = joined;
  const { company, drained } = context;
  const custom = readColumns(columnsFor(company.columns, "invoice"), joined, company.timeZone, texts);
  const total = readAmount(custom.values.has("total") ? custom.values.get("total") : totalOf(invoice, texts));
  const amount = total.kind === "decimal" ? total.text : null;
  const customerType = cleanText(customer?.type);
  const invoiceSummary = htmlText(invoice.summary);
  const name = valueOr(cleanText(customer?.name), cleanText(invoice.customer?.name), {
    feeds: customerFeeds,
    drained,
  });
  const mapped: InvoiceRecord = {
    ...companyColumns(company),
    customer_id: idText(invoice.customer?.id),
    ...nameColumns(name, customerType, company.rules),
    ...phoneColumns(contacts),
    ...addressColumns(chooseAddress(invoice.locationAddress, invoice.customerAddress)),
    invoice_number: cleanText(invoice.referenceNumber) ?? String(invoice.id),
    invoice_summary: invoiceSummary,
    job_number: cleanText(invoice.job?.number),
    job_type: cleanText(invoice.job?.type),
    zone: cleanText(zone?.name),
    total: amount,
    first_appointment: valueOr(
      printInstant(firstAppointment?.start, company.timeZone),
      printBusinessDate(invoice.invoiceDate),
      // Required: if the feeds are turned off, only the invoice's own date is known.
      { feeds: appointmentFeeds.filter((feed) => !company.feedsOff.includes(feed)), drained },
    ),
    summary: valueOr(htmlText(job?.summary), invoiceSummary, {
      feeds: jobFeeds,
      drained,
    }),
  };
  // Whatever the mapping returns for the total, only an exact decimal is accepted.
  const record = { ...applyMapping(mapped, custom, customerType, company.rules), total: amount };
  const isStartUnreadable =
    !custom.values.has("first_appointment") && isUnreadableInstant(firstAppointment?.start);
  return judge({ type: "invoice", record, total, contacts, isStartUnreadable, custom, context });
}

function totalOf(invoice: JoinedInvoice["invoice"], texts: RowTexts): unknown {
  const { total } = invoice;
  return typeof total === "number" ? exactNumber(invoice, ["total"], total, texts) : total;
}
