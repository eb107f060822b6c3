import { describe, expect, expectTypeOf, it } from "vitest";
import { someContext, someInvoice, someMember } from "./__fixtures__/entities.js";
import { invoiceColumns, memberColumns } from "./column-names.js";
import { mapInvoice } from "./map-invoice.js";
import { mapMember } from "./map-member.js";
import type { InvoiceRecord, MemberRecord } from "./record.js";

describe("The lists of columns", () => {
  it("name every column of their record once", () => {
    expectTypeOf<(typeof memberColumns)[number]>().toEqualTypeOf<keyof MemberRecord>();
    expectTypeOf<(typeof invoiceColumns)[number]>().toEqualTypeOf<keyof InvoiceRecord>();
    const member = mapMember(someMember(), someContext());
    const invoice = mapInvoice(someInvoice(), someContext());
    expect(columnsOf(member)).toEqual(memberColumns.toSorted());
    expect(columnsOf(invoice)).toEqual(invoiceColumns.toSorted());
  });

  it("begin with the shared columns", () => {
    expect(memberColumns.slice(0, 16)).toEqual(invoiceColumns.slice(0, 16));
  });
});

function columnsOf(outcome: ReturnType<typeof mapMember> | ReturnType<typeof mapInvoice>): readonly string[] {
  return outcome.kind === "record" ? Object.keys(outcome.record).toSorted() : [];
}
