import { describe, expect, it } from "vitest";
import { findConnectionLimit, requireConnections } from "./require-connections.js";

const limitOf = (row: Readonly<Record<"max" | "reserved" | "role" | "database", number>>) =>
  findConnectionLimit({ query: async () => ({ rows: [row] }) });

describe("the connections that a worker needs", () => {
  it("are refused with all numbers when the database has fewer", async () => {
    const limit = await limitOf({ max: 100, reserved: 3, role: -1, database: -1 });
    requireConnections(limit, 93, 4);
    expect(() => requireConnections(limit, 94, 4)).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message:
          "94 syncs at once need 98 connections to PostgreSQL, and there are at most 97: max_connections is 100, of which 3 are reserved.",
        hint: expect.stringContaining("--concurrency 93 or less"),
      }),
    );
  });

  it("are bounded by the limits of user and database as well", async () => {
    expect(await limitOf({ max: 100, reserved: 3, role: 10, database: -1 })).toMatchObject({ most: 10 });
    expect(await limitOf({ max: 100, reserved: 3, role: 10, database: 7 })).toMatchObject({ most: 7 });
    expect(await limitOf({ max: 5, reserved: 3, role: 10, database: 7 })).toMatchObject({ most: 2 });
  });

  it("say what the limit must be at least where no sync is possible", async () => {
    const limit = await limitOf({ max: 7, reserved: 3, role: -1, database: -1 });
    expect(() => requireConnections(limit, 1, 4)).toThrow(
      expect.objectContaining({ hint: "Raise the limit to at least 5." }),
    );
  });
});
