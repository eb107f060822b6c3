import { describe, expect, it } from "vitest";
import { followPath, parsePath } from "./column-path.js";

const joined = {
  customer: {
    name: "Jane",
    balance: 0,
    taxExempt: false,
    address: { street: "27 Elm Ct" },
    customFields: [
      { typeId: 1, name: "Gate code", value: "4711" },
      { typeId: 2, name: "A]B", value: null },
      { typeId: 3, name: "Door  side", value: "left" },
    ],
  },
  contacts: [],
};

describe("A path", () => {
  it.each([
    ["customer.name", "Jane"],
    ["customer.balance", 0],
    ["customer.taxExempt", false],
    ["customer.address.street", "27 Elm Ct"],
    ["customer.customFields[0].value", "4711"],
    ["customer.customFields[name=Gate code].value", "4711"],
    ["customer.customFields[typeId=1].value", "4711"],
    ['customer.customFields[name="A]B"].typeId', 2],
    ["customer.customFields[name=Door side].value", "left"],
    ["customer.customFields[name=Gate Code].value", null],
    ["customer.customFields[9].value", null],
    ["customer.mergedToId", null],
    ["customer.mergedToId.deeper", null],
    ["contacts[0].value", null],
    ["customer.constructor", null],
  ])("%s leads to %j", (path, value) => {
    const steps = parsePath(path);
    expect(steps).not.toBeNull();
    expect(followPath(joined, steps ?? [])).toEqual({ kind: "value", value });
  });

  it.each([
    ["customer.customFields", "a list is not a value"],
    ["customer.address", "an object is not a value"],
    ["customer.customFields.value", "read from a list"],
    ["customer.name[0]", "not a list"],
  ])("%s is a fault: %s", (path, fault) => {
    expect(followPath(joined, parsePath(path) ?? [])).toEqual({
      kind: "fault",
      fault: expect.stringContaining(fault),
    });
  });

  it.each([
    "",
    ".",
    "customer.",
    "customer..name",
    "[0]",
    "customer[",
    "customer[name]",
    "customer name",
    "a[b=]",
  ])("%j is not a path", (path) => {
    expect(parsePath(path)).toBeNull();
  });
});
