import { expect, it } from "vitest";
import { withoutNumbers } from "./parameters.js";

it.each([
  ["SELECT ?2, ?1, ?2", "SELECT ?, ?, ?", [1, 0, 1]],
  ["VALUES (?, ?)", "VALUES (?, ?)", [0, 1]],
  ["VALUES (?3, ?)", "VALUES (?, ?)", [2, 3]],
  [`SELECT '?1 it''s', "?2", ?1 -- ?3\n/* ?4 */`, `SELECT '?1 it''s', "?2", ? -- ?3\n/* ?4 */`, [0]],
])("gives the values of %j in the order of its parameters", (numbered, text, order) => {
  expect(withoutNumbers(numbered)).toEqual({ text, order });
});
