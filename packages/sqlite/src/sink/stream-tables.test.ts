import { recordColumns } from "@titan-sync/core";
import { streamOf } from "@titan-sync/core/support";
import { expect, it } from "vitest";
import { createTestDatabase } from "../__fixtures__/test-database.js";
import { openTarget } from "../database/database.js";

/** Columns of a stream table that are no column of a record. */
const added = ["id", "created_at", "processed", "environment", "source_tenant", "source_id", "revision"];

it.each(["member", "invoice"] as const)(
  "the stream table of the %s has each column of the record",
  async (record) => {
    const test = await createTestDatabase();
    const { database } = openTarget({ database: test.database });
    const columns = await database.read((statements) =>
      statements.all<{ name: string }>("SELECT name FROM pragma_table_info(?1)", streamOf(record).table),
    );
    await test.drop();
    const names = columns.map(({ name }) => name).filter((name) => !added.includes(name));
    expect(names.sort()).toEqual([...recordColumns[record]].sort());
    expect(["tenant", ...streamOf(record).columns].sort()).toEqual(names.sort());
  },
);
