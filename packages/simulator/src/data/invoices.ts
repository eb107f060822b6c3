import { createRandom, type Random } from "../random.js";
import type { Row } from "../row.js";
import { withoutCoordinates } from "./address.js";
import { businessDate, dayMs, instant, type Lifespan, lifespan } from "./history.js";
import { printCents } from "./money.js";
import type { PlannedInvoice, TenantPlan } from "./plan.js";
import { idSequence } from "./sequence.js";
import { type Sku, skus, summaries } from "./words.js";

export function* invoiceRows(plan: TenantPlan): Iterable<Row> {
  const random = createRandom(plan.size.seed, plan.size.tenantId, "invoices");
  const nextItemId = idSequence(random, 81_000_000);
  for (const invoice of plan.invoices) yield invoiceRow(random, invoice, nextItemId);
}

function invoiceRow(random: Random, invoice: PlannedInvoice, nextItemId: () => number): Row {
  const life = lifespan(random, invoice.bookedAt);
  const lines = itemsOf(random);
  const items = lines.map((line, index) => itemRow(random, nextItemId(), line, index + 1, invoice, life));
  const subTotal = lines.reduce((sum, line) => sum + line.quantity * line.cents, 0);
  const tax = Math.round(subTotal * 0.09);
  const total = subTotal + tax;
  const isPaid = random.chance(0.75);
  const { id, customer, location, job } = invoice;
  return {
    id,
    syncStatus: random.pick(["Pending", "Posted", "Exported", "Exported"]),
    budgetCodeId: null,
    referenceNumber: random.chance(0.005) ? null : `INV-${String(id % 1_000_000).padStart(6, "0")}`,
    invoiceDate: random.chance(0.003) ? null : businessDate(invoice.bookedAt),
    dueDate: random.chance(0.1) ? null : businessDate(invoice.bookedAt + 30 * dayMs),
    subTotal: printCents(subTotal),
    salesTax: printCents(tax),
    salesTaxCode: random.chance(0.2) ? null : { id: 9, name: "County", taxRate: 0.09 },
    taxZoneId: null,
    total: random.chance(0.002) ? null : printCents(total),
    balance: printCents(isPaid ? 0 : random.chance(0.1) ? -random.integer(100, 9_900) : total),
    invoiceType: random.chance(0.8) ? null : { id: 2, name: "Standard" },
    customer: { id: customer.id, name: customer.name },
    customerAddress: withoutCoordinates(customer.address),
    location: location === null ? null : { id: location.id, name: location.name },
    locationAddress: location === null ? null : withoutCoordinates(location.address),
    businessUnit: { id: invoice.businessUnit.id, name: invoice.businessUnit.name },
    termName: random.pick(["Due on receipt", "Net 30", null]),
    createdBy: random.pick(["csr", "dispatch", "import"]),
    batch: random.chance(0.4) ? null : { id: 88, number: "12", name: "March" },
    depositedOn: null,
    createdOn: life.createdOn,
    modifiedOn: life.modifiedOn,
    adjustmentToId: null,
    job:
      job === null
        ? null
        : { id: job.id, number: String(job.id), type: random.chance(0.01) ? null : job.type.name },
    projectId: null,
    royalty: random.chance(0.5) ? null : { status: "Pending", date: null, sentOn: null, memo: null },
    employeeInfo: random.chance(0.6)
      ? null
      : { id: random.integer(11, 60), name: "Sam Tech", modifiedOn: "2021-04-01T09:00:00Z" },
    commissionEligibilityDate: null,
    sentStatus: random.pick(["NotSent", "Sent", "Opened"]),
    reviewStatus: random.pick(["NeedsReview", "Reviewed", "Reviewed", "OnHold", "Invoiced"]),
    assignedTo: null,
    summary: random.chance(0.1) ? null : random.pick(summaries),
    items,
    customFields: random.chance(0.8) ? null : [{ name: " PO number", value: "7731" }],
    active: !random.chance(0.03),
    discountTotal: "0.00",
    importId: life.createdById === 0 ? `legacy-${id}` : null,
    exportId: null,
    materialSkuId: null,
    membershipId: null,
    paidOn: isPaid ? instant(random, invoice.bookedAt + 3 * dayMs) : null,
    invoiceConfiguration: job === null ? random.pick(["CounterSales", "MembershipInvoice"]) : "JobInvoice",
  };
}

interface Line {
  readonly sku: Sku;
  readonly quantity: number;
  readonly cents: number;
}

/** One to four lines; an invoice booked but not yet worked on costs nothing, one in forty is a credit. */
function itemsOf(random: Random): readonly Line[] {
  const sign = random.weighted([
    [1, 78],
    [0, 20],
    [-1, 2],
  ]);
  return Array.from(
    {
      length: random.weighted([
        [1, 45],
        [2, 30],
        [3, 15],
        [4, 10],
      ]),
    },
    () => {
      const sku = random.pick(skus);
      return { sku, quantity: random.integer(1, 3), cents: sign === 0 ? 0 : sign * sku[3] };
    },
  );
}

function itemRow(
  random: Random,
  id: number,
  { sku: [skuName, description, type], quantity, cents }: Line,
  order: number,
  invoice: PlannedInvoice,
  life: Lifespan,
) {
  return {
    id,
    description,
    quantity: `${quantity}.0000000000000000000`,
    cost: "0.0000000000",
    totalCost: "0.00",
    budgetCodeId: null,
    inventoryLocationId: null,
    inventoryLocation: null,
    price: printCents(cents),
    type,
    skuName,
    skuId: 500 + order,
    total: printCents(quantity * cents),
    inventory: false,
    taxable: true,
    isChargeable: true,
    generalLedgerAccount: random.chance(0.5)
      ? null
      : { id: 4000, name: "Sales", number: "4000", type: "Income", detailType: "Income" },
    costOfSaleAccount: null,
    assetAccount: null,
    membershipTypeId: 0,
    itemGroup: null,
    displayName: skuName,
    soldHours: random.chance(0.5) ? null : 1.5,
    createdOn: life.createdOn,
    modifiedOn: life.modifiedOn,
    serviceDate: businessDate(invoice.bookedAt),
    order,
    businessUnit: { id: invoice.businessUnit.id, name: invoice.businessUnit.name },
    createdById: life.createdById,
    displayInAmount: null,
    importId: null,
    exportId: null,
    inventoryStatus: null,
    addOn: false,
    memberPrice: printCents(cents),
    technicianId: null,
    installedEquipmentId: null,
    estimateItemId: null,
  };
}
