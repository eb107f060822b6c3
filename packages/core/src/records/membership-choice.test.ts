import { describe, expect, it } from "vitest";
import { chooseMembership } from "./membership-choice.js";

const membership = {
  id: 1,
  customerId: 41,
  status: "Expired",
  from: "2023-01-01T00:00:00Z",
  to: "2024-01-01T00:00:00Z",
};

describe("chooseMembership", () => {
  it.each([
    ["an active one wins over one without an end", { status: "Active" }, { to: null }],
    ["an active one wins whatever the case of its word", { status: " ACTIVE" }, { to: null }],
    ["a missing end is the latest", { to: null }, { to: "2099-01-01T00:00:00Z" }],
    ["the zero date as end is a missing one", { to: "0001-01-01T00:00:00Z" }, { to: "2099-01-01T00:00:00Z" }],
    ["the later end wins", { to: "2024-01-02T00:00:00Z" }, {}],
    [
      "ends are compared to seven digits",
      { to: "2024-01-01T00:00:00.0000001Z" },
      { to: "2024-01-01T00:00:00.000Z" },
    ],
    ["with equal ends the later start wins", { from: "2023-06-01T00:00:00Z" }, {}],
    ["a missing start is the earliest", { from: "1990-01-01T00:00:00Z" }, { from: null }],
    [
      "the zero date as start is a missing one",
      { from: "1990-01-01T00:00:00Z" },
      { from: "0001-01-01T00:00:00Z" },
    ],
    ["the end weighs more than the start", { to: null, from: null }, {}],
    ["the start weighs more than the id", { from: "2023-06-01T00:00:00Z", id: 3 }, {}],
    ["the status decides, not the active flag", { status: "Active", active: false }, { active: true }],
    ["a deleted one does not exist", {}, { status: "Deleted", to: null }],
    [
      "equal ends with other zeros are equal",
      { to: "2024-01-01T00:00:00.000Z", from: null, id: 11 },
      { from: null },
    ],
  ])("%s", (_rule, better, worse) => {
    const winner = { ...membership, id: 5, ...better };
    const loser = { ...membership, id: 10, ...worse };
    expect(chooseMembership([winner, loser])).toBe(winner);
    expect(chooseMembership([loser, winner])).toBe(winner);
  });

  it("takes the numerically highest id if everything else is equal", () => {
    expect(chooseMembership([9, 100, 21].map((id) => ({ ...membership, id })))?.id).toBe(100);
  });

  it("finds none in an empty list or among deleted ones", () => {
    expect(chooseMembership([])).toBeNull();
    expect(chooseMembership([{ ...membership, status: "Deleted" }])).toBeNull();
  });
});
