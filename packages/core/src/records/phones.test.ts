import { describe, expect, it } from "vitest";
import { phoneColumns, printPhone } from "./phones.js";

describe("printPhone", () => {
  it.each([
    ["5551234567"],
    ["555-123-4567"],
    ["(555)123-4567"],
    ["555.123.4567"],
    ["555 123 4567"],
    ["555-123-4567 (home)"],
    ["fax 555 123 4567"],
    ["\u202a555-123-4567\u202c"],
    ["555\u2011123\u20114567"],
    ["５５５１２３４５６７"],
  ])("prints the ten digits of %s in one form", (phone) => {
    expect(printPhone(phone)).toBe("(555) 123-4567");
  });

  it("prints ten digits for any area code", () => {
    expect(printPhone("0001234567")).toBe("(000) 123-4567");
  });

  it.each([
    ["15551234567"],
    ["+1 555 123 4567"],
    ["+555 123 4567"],
    ["+44 20 7946 0958"],
    ["555-123-4567 ext. 44"],
    ["555-0121 x440"],
    ["5550121x440"],
    ["555-0121 Ext. 440"],
    ["555-0121 (extension 440)"],
    ["555 0121 #440"],
    ["5550123"],
    ["none"],
  ])("leaves %s as it is", (phone) => {
    expect(printPhone(phone)).toBe(phone);
  });
});

it("prints a number once if it occurs with and without invisible characters", () => {
  const contact = { customerId: 41, active: true, type: "Phone" };
  const values = ["\u202d+15551234567\u202c", "+15551234567", "+1555\u200b1234567"];
  const contacts = values.map((value, index) => ({ ...contact, id: index + 1, value }));
  expect(phoneColumns(contacts)).toMatchObject({ customer_phone_numbers: "+15551234567" });
});

describe("phoneColumns", () => {
  const contact = { id: 1, customerId: 41, active: true, type: "Phone", value: "5550000001" };

  it("lists mobile phones before other phones, each in numeric order of ids", () => {
    const columns = phoneColumns([
      { ...contact, id: 8, value: "5550000008" },
      { ...contact, id: 10002, type: "MobilePhone", value: "5550010002" },
      { ...contact, id: 9999, type: "MobilePhone", value: "5550009999" },
      { ...contact, id: 7, value: "5550000007" },
    ]);
    expect(columns).toEqual({
      customer_phone_numbers: "(555) 000-9999, (555) 001-0002, (555) 000-0007, (555) 000-0008",
      customer_phone_number_primary: "(555) 000-9999",
    });
  });

  it("counts a number once, as printed, at its first position", () => {
    const columns = phoneColumns([
      { ...contact, id: 1, value: "555-000-0002" },
      { ...contact, id: 2, value: "5550000001" },
      { ...contact, id: 3, value: "(555) 000-0002" },
    ]);
    expect(columns.customer_phone_numbers).toBe("(555) 000-0002, (555) 000-0001");
  });

  it.each([
    ["inactive", { active: false }],
    ["a fax", { type: "Fax" }],
    ["an email address", { type: "Email" }],
    ["without a type", { type: null }],
    ["blank", { value: " \u00a0" }],
  ])("leaves out a contact that is %s", (_kind, changes) => {
    expect(phoneColumns([{ ...contact, ...changes }])).toEqual({
      customer_phone_numbers: null,
      customer_phone_number_primary: null,
    });
  });

  it.each([[null], [undefined]])("counts a contact whose active is %s as active", (active) => {
    expect(phoneColumns([{ ...contact, active }]).customer_phone_number_primary).toBe("(555) 000-0001");
  });
});
