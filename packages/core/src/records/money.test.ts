import { describe, expect, it } from "vitest";
import { readAmount } from "./money.js";

describe("readAmount", () => {
  it.each([
    ["1234.56", "1234.56"],
    ["$1,234.56", "1234.56"],
    ["1,234.56", "1234.56"],
    ["$1234.56", "1234.56"],
    ["$1,234,567.89", "1234567.89"],
    [" 85 ", "85"],
    ["0.00", "0.00"],
    ["-0.00", "0.00"],
    ["007.50", "7.50"],
    ["000", "0"],
    ["19.9950", "19.9950"],
    ["123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"],
    [126.44, "126.44"],
    [0, "0"],
    [-0, "0"],
    [1e21, "1000000000000000000000"],
    [5e-7, "0.0000005"],
  ])("reads %j as %s", (given, text) => {
    expect(readAmount(given)).toEqual({ kind: "decimal", text, negative: false });
  });

  it.each([
    ["-5.00", "-5.00"],
    ["-0.01", "-0.01"],
    ["-1,234.50", "-1234.50"],
    [-5.5, "-5.5"],
  ])("reads %j as the credit %s", (given, text) => {
    expect(readAmount(given)).toEqual({ kind: "decimal", text, negative: true });
  });

  it.each([[null], [undefined], [""], ["   "], ["\u00a0"]])("treats %j as missing", (given) => {
    expect(readAmount(given)).toEqual({ kind: "missing" });
  });

  it.each([
    ["(5.00)"],
    ["-$5"],
    ["$-5"],
    ["--5"],
    ["+5"],
    ["1e3"],
    ["1e-7"],
    ["12.3.4"],
    ["1,23"],
    ["12,34,567"],
    ["1234,567"],
    [",123"],
    ["5."],
    [".5"],
    ["$"],
    ["-"],
    ["NaN"],
    ["Infinity"],
    [Number.NaN],
    ["N/A"],
    ["126.44 due"],
    ["1 234"],
    ["0x10"],
    ["١٢"],
    [true],
    [{}],
    [["5"]],
  ])("does not take %j for a number", (given) => {
    expect(readAmount(given)).toEqual({ kind: "not-numeric" });
  });
});
