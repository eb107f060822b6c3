import { describe, expect, it } from "vitest";
import { addressColumns, chooseAddress } from "./address.js";
import { printCountry } from "./country.js";

describe("printCountry", () => {
  it.each([
    [null, "US"],
    ["USA", "US"],
    ["usa", "US"],
    ["United States", "US"],
    ["UNITED STATES", "US"],
    ["US", "US"],
    ["CA", "CA"],
    ["México", "México"],
    ["United States of America", "United States of America"],
  ])("prints %s as %s", (country, expected) => {
    expect(printCountry(country)).toBe(expected);
  });
});

describe("addressColumns", () => {
  it("cleans every part", () => {
    const address = {
      street: " 27  Elm Ct",
      unit: " ",
      city: "Aurora\u00a0",
      state: "IL",
      zip: "02134-0001",
    };
    expect(addressColumns({ ...address, country: null })).toEqual({
      street: "27 Elm Ct",
      unit: null,
      city: "Aurora",
      state: "IL",
      zip: "02134-0001",
      country: "US",
    });
  });

  it("treats a null address as one with all parts missing", () => {
    expect(addressColumns(null)).toMatchObject({ street: null, city: null, state: null, zip: null });
  });
});

describe("chooseAddress", () => {
  const withStreet = { street: "1 Test St" };
  const blankStreet = { street: " \u00a0", city: "Aurora" };

  it("takes the whole of the first one that has a street", () => {
    expect(chooseAddress(withStreet, { street: "2 Test St", city: "Aurora" })).toBe(withStreet);
    expect(chooseAddress(blankStreet, withStreet)).toBe(withStreet);
    expect(chooseAddress(null, withStreet)).toBe(withStreet);
  });

  it("takes the first one if none has a street", () => {
    expect(chooseAddress(blankStreet, { street: null })).toBe(blankStreet);
    expect(chooseAddress(null, blankStreet)).toBe(blankStreet);
    expect(chooseAddress(null, undefined)).toBeUndefined();
  });
});
