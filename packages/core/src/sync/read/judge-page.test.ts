import { describe, expect, test } from "vitest";
import { createFakeClock } from "../../__fixtures__/fake-clock.js";
import { createScriptedClient } from "../../__fixtures__/scripted-client.js";
import { createByteBudget } from "../../async/byte-budget.js";
import { NetworkError } from "../../errors.js";
import { defaultReadingSizes } from "../../extract/reading-sizes.js";
import { createRunTally } from "../../ledger/run-tally.js";
import { memoryStorage } from "../../memory/memory-storage.js";
import type { RunRequest, RunWarning } from "../../ports/sync-run.js";
import { createDriftCheck } from "../../quality/drift-check.js";
import { noCustomColumns } from "../../records/custom-columns.js";
import { feeds, type KnownFeedName, shippedCatalog } from "../../records/definitions/definitions.js";
import { usedFieldsOf } from "../../records/used-fields.js";
import { noSuppressedRows } from "../../suppressions/suppressed-rows.js";
import { openRun } from "../../testing/storage/open-run.js";
import { defaultRequest } from "../../testing/storage/samples.js";
import { landFeed } from "./land-feed.js";

type Row = Readonly<Record<string, unknown>> & { readonly id: number };

const scope = { companyId: "acme", environment: "production", tenantId: "77" } as const;
const address = {
  street: "1 Elm St",
  unit: "4",
  city: "Springfield",
  state: "OH",
  zip: "45501",
  country: "USA",
};
const later = "2026-02-01T00:00:00Z";

const customer = (id: number): Row => ({
  id,
  active: true,
  name: `Sample ${id}`,
  type: "Residential",
  address,
  mergedToId: null,
  modifiedOn: "2026-01-01T00:00:00Z",
});

const contact = (id: number): Row => ({
  id,
  customerId: id,
  active: true,
  type: "Phone",
  value: `555555${1000 + id}`,
  modifiedOn: "2026-01-01T00:00:00Z",
});

const invoice = (id: number): Row => ({
  id,
  active: true,
  total: "10.00",
  summary: "Repaired",
  modifiedOn: "2026-01-01T00:00:00Z",
});

const many = (count: number, make: (id: number) => Row): readonly Row[] =>
  Array.from({ length: count }, (_, index) => make(index + 1));

/** A row that changed later, and how. */
const changed =
  (change: Readonly<Record<string, unknown>>, ...without: readonly string[]) =>
  (row: Row): Row => {
    const kept = Object.entries({ ...row, modifiedOn: later, ...change }).filter(
      ([name]) => !without.includes(name),
    );
    return Object.fromEntries(kept) as unknown as Row;
  };

/** In the place of a page: none comes. */
const cut: readonly unknown[] = [];

/** Reads pages of one feed, a run for each call. */
function createFeed(feed: KnownFeedName, accepted: readonly string[] = []) {
  const clock = createFakeClock();
  const storage = memoryStorage({ clock });
  const warnings: RunWarning[] = [];
  let runs = 0;
  let token = 0;

  async function readAs(given: Partial<RunRequest>, pages: readonly (readonly unknown[])[]) {
    runs += 1;
    const request = { ...defaultRequest, ...given };
    const script = pages.map((data, index) => {
      token += 1;
      if (data === cut) return new NetworkError("The connection was cut.");
      return { hasMore: index < pages.length - 1, continueFrom: `token-${token}`, data };
    });
    const recent = { hasMore: false, continueFrom: "recent", data: [] };
    const client = createScriptedClient([...script, ...Array.from({ length: 6 }, () => recent)]);
    const { lease, run } = await openRun(storage, { scope, request, runId: `run-${runs}` });
    const figures = createRunTally(run);
    const cursor = (await storage.findCursors(scope)).get(feed) ?? null;
    const used = usedFieldsOf(shippedCatalog, feed, noCustomColumns, accepted);
    let status: "completed" | "paused" = "paused";
    try {
      await landFeed(
        {
          storage,
          client,
          clock,
          lease,
          scope,
          request,
          figures,
          ownedSince: run.updatedAt,
          movedOn: () => undefined,
          catalog: shippedCatalog,
          company: { columns: noCustomColumns },
          signal: new AbortController().signal,
          emit: () => undefined,
          warn: (warning) => void warnings.push(warning),
        },
        { feed: feeds[feed], cursor, touches: [], range: null, isAgain: false, used },
        {
          budget: createByteBudget(64 * 1024 * 1024),
          drift: createDriftCheck(),
          sizes: defaultReadingSizes,
          suppressed: noSuppressedRows,
          parallelBackfill: false,
        },
      );
      status = "completed";
      return figures.feed(feed);
    } finally {
      await storage.endRun({ lease, status, warnings: [], error: null });
    }
  }

  return {
    warnings,
    read: (...pages: readonly (readonly unknown[])[]) => readAs({}, pages),
    readFully: (...pages: readonly (readonly unknown[])[]) => readAs({ mode: "full" }, pages),
    cursor: async () => (await storage.findCursors(scope)).get(feed) ?? null,
    async landed(id: number): Promise<Row | null> {
      const [entity] = await storage.findEntities({ scope, feed, ids: [String(id)] });
      return entity === undefined ? null : (JSON.parse(entity.payload) as Row);
    },
    async rejected() {
      const { items } = await storage.listRejections({}, { limit: 500 });
      return items.map(({ entityId, rules, message }) => ({ entityId, rules, message }));
    },
  };
}

describe("a page without a usable row", () => {
  test("does not land, so that a type that changes everywhere silently loses no row", async () => {
    const rows = many(20, customer);
    const feed = createFeed("customers");
    await feed.read(rows);
    const before = await feed.cursor();
    await expect(feed.read(rows.map(changed({ active: 1 })))).rejects.toMatchObject({
      code: "DATA_DRIFT",
      message: expect.stringMatching(
        /^None of the 20 rows of customers can be used: .*active: expected boolean/,
      ),
      hint: expect.stringMatching(/the next run reads the same rows again/),
    });
    expect(await feed.cursor()).toEqual(before);
    expect(await feed.rejected()).toEqual([]);
    expect(await feed.read(rows.map(changed({ name: "Mended" })))).toMatchObject({ landed: 20 });
  });

  test("lands as rejections if it has fewer rows, or if one row of many is valid", async () => {
    const rows = many(20, customer);
    const feed = createFeed("customers");
    await feed.read(rows);
    expect(await feed.read(rows.slice(1).map(changed({ active: 1 })))).toMatchObject({
      read: 19,
      rejected: 19,
    });
    const mixed = rows.map((row, index) => changed({ active: index === 7 ? true : 1 })(row));
    expect(await feed.read(mixed)).toMatchObject({ read: 20, landed: 1, rejected: 19 });
    expect((await feed.cursor())?.token).toBe("token-3");
  });

  test("is not an empty page", async () => {
    const feed = createFeed("customers");
    expect(await feed.read([])).toMatchObject({ read: 0, rejected: 0 });
    expect((await feed.cursor())?.drainedAt).not.toBeNull();
  });
});

describe("a first reading without a usable row", () => {
  const broken = (id: number): Row => changed({ active: 1 })(customer(id));

  test("does not land, however few rows it has", async () => {
    const feed = createFeed("customers");
    await expect(feed.read([broken(1)], [broken(2)])).rejects.toMatchObject({
      code: "DATA_DRIFT",
      message: expect.stringContaining("None of the 2 rows"),
    });
    expect(await feed.cursor()).toBeNull();
    expect(await feed.rejected()).toEqual([]);
  });

  test("stops once it has enough rows to decide", async () => {
    const feed = createFeed("customers");
    const pages = [many(19, broken), [broken(20)], [customer(21)]];
    await expect(feed.read(...pages)).rejects.toMatchObject({
      message: expect.stringContaining("None of the 20 rows"),
    });
    expect(await feed.cursor()).toBeNull();
  });

  test("lands completely, in order, as soon as one row is valid", async () => {
    const feed = createFeed("customers");
    expect(await feed.read([broken(1)], [customer(2)], [broken(3)])).toMatchObject({
      pages: 3,
      landed: 1,
      rejected: 2,
    });
    expect((await feed.rejected()).map(({ entityId }) => entityId).toSorted()).toEqual(["1", "3"]);
  });
});

describe("a field that records use and that is missing from every row", () => {
  test("prevents the page from landing, so that a renamed field erases no phone", async () => {
    const rows = many(20, contact);
    const feed = createFeed("customer-contacts");
    await feed.read(rows);
    const before = await feed.cursor();
    const renamed = rows.map((row) => changed({ phoneNumber: row["value"] }, "value")(row));
    await expect(feed.read(renamed)).rejects.toMatchObject({
      code: "DATA_DRIFT",
      message: expect.stringMatching(
        /customer-contacts lacks value, the source of customer_phone_numbers, .* in every one of 20 rows/,
      ),
      hint: expect.stringContaining('acceptAbsent: ["customer-contacts.value"]'),
    });
    expect(await feed.cursor()).toEqual(before);
    expect((await feed.landed(1))?.["value"]).toBe("5555551001");
    expect(feed.warnings).toContainEqual({
      code: "FIELD_ABSENT",
      message:
        "customer-contacts lacks value, the source of customer_phone_numbers, customer_phone_number_primary; rows landed before are kept.",
      count: 20,
    });
  });

  test("does so in a first reading as well, if ServiceTitan documents it for every row", async () => {
    const feed = createFeed("customer-contacts");
    await expect(feed.read(many(20, contact).map(changed({}, "value")))).rejects.toMatchObject({
      code: "DATA_DRIFT",
    });
  });

  test.each([
    ["which may be absent, but was landed", "summary", invoice, "invoices", changed({}, "summary")],
    [
      "of an object",
      "address.zip",
      customer,
      "customers",
      changed({ address: { ...address, zip: undefined } }),
    ],
    ["that says when a row changed", "modifiedOn", customer, "customers", changed({}, "modifiedOn")],
  ] as const)("does so for one %s", async (_, path, make, name, change) => {
    const rows = many(20, make);
    const feed = createFeed(name);
    await feed.read(rows);
    const drifted = JSON.parse(JSON.stringify(rows.map(change))) as readonly Row[];
    await expect(feed.read(drifted)).rejects.toMatchObject({
      code: "DATA_DRIFT",
      message: expect.stringContaining(`${name} lacks ${path}`),
    });
    expect(await feed.landed(1)).toEqual(rows[0]);
  });

  test("is not drift if it was never present and may be absent, or if the company accepts it", async () => {
    const bare = many(20, invoice).map(changed({}, "summary"));
    const feed = createFeed("invoices");
    await feed.read(bare);
    const again = bare.map((row) => ({ ...row, total: "11.00", modifiedOn: "2026-03-01T00:00:00Z" }));
    expect(await feed.read(again)).toMatchObject({ landed: 20 });

    const accepting = createFeed("customer-contacts", ["customer-contacts.value"]);
    await accepting.read(many(20, contact));
    expect(await accepting.read(many(20, contact).map(changed({}, "value")))).toMatchObject({ landed: 20 });
  });
});

describe("a row without a field that its landed version has", () => {
  test("is rejected on a small page, and the landed version remains", async () => {
    const rows = many(19, contact);
    const feed = createFeed("customer-contacts");
    await feed.read(rows);
    const mixed = rows.map((row) => (row.id === 3 ? changed({}, "value")(row) : changed({ memo: "x" })(row)));
    expect(await feed.read(mixed)).toMatchObject({ landed: 18, rejected: 1 });
    expect(await feed.landed(3)).toEqual(rows[2]);
    expect(await feed.rejected()).toEqual([
      { entityId: "3", rules: ["drift"], message: "Lacks value, which its landed version has." },
    ]);
    expect(feed.warnings.map(({ code }) => code)).toContain("FIELD_ABSENT");
    expect(await feed.read([changed({ modifiedOn: "2026-03-01T00:00:00Z" })(contact(3))])).toMatchObject({
      landed: 1,
    });
    expect(await feed.rejected()).toEqual([]);
  });

  test("is rejected on a large page too, if ServiceTitan documents the field for every row", async () => {
    const rows = many(40, contact);
    const feed = createFeed("customer-contacts");
    await feed.read(rows);
    const mixed = rows.map((row) => changed({}, ...(row.id % 2 === 0 ? ["value"] : []))(row));
    expect(await feed.read(mixed)).toMatchObject({ landed: 20, rejected: 20 });
    expect(await feed.landed(2)).toEqual(rows[1]);
  });

  test("lands if its landed version had no value either, or if it never landed", async () => {
    const feed = createFeed("invoices");
    await feed.read([{ ...invoice(1), summary: null }]);
    const without = changed({}, "summary");
    expect(await feed.read([without(invoice(1)), without(invoice(2))])).toMatchObject({
      landed: 2,
      rejected: 0,
    });
  });

  test("lands if others of many rows have the field and it may be absent, and the run reports it", async () => {
    const feed = createFeed("invoices");
    const rows = many(30, invoice);
    await feed.read(rows);
    const mixed = rows.map((row) => changed({}, ...(row.id === 9 ? ["summary"] : []))(row));
    expect(await feed.read(mixed)).toMatchObject({ landed: 30, rejected: 0 });
    expect(feed.warnings.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^invoices lacks summary, .* it is now empty there\.$/),
    );
  });

  test("lands if the field is part of an object that is absent, and the run reports it", async () => {
    const feed = createFeed("customers");
    await feed.read([customer(1)]);
    const { unit: _none, ...rest } = address;
    expect(await feed.read([changed({ address: rest })(customer(1))])).toMatchObject({ landed: 1 });
    expect(feed.warnings).toContainEqual({
      code: "FIELD_ABSENT",
      message:
        "customers lacks address.unit, the source of unit, in rows whose landed version had it: it is now empty there.",
      count: null,
    });
  });

  test("is only superseded if it is older, unless a full pass lets it win", async () => {
    const rows = many(2, contact).map(changed({}));
    const feed = createFeed("customer-contacts");
    await feed.read(rows);
    const old = contact(1);
    const { value: _gone, ...bare } = old;
    expect(await feed.read([bare])).toMatchObject({ superseded: 1, rejected: 0 });
    expect(await feed.readFully([bare, rows[1]])).toMatchObject({ rejected: 1 });
    expect(await feed.landed(1)).toEqual(rows[0]);
  });
});

describe("a full pass", () => {
  test("stores in its cursor how many rows it could not identify", async () => {
    const feed = createFeed("customers");
    await feed.read(many(3, customer));
    const { id: _nobodys, ...nobody } = customer(3);
    await feed.readFully([customer(1), nobody], [customer(2)]);
    expect((await feed.cursor())?.fullPass).toMatchObject({ drained: true, unreadable: 1 });
  });

  test("remembers that in its later slices, which did not see those rows", async () => {
    const feed = createFeed("customers");
    await feed.read(many(3, customer));
    const { id: _nobodys, ...nobody } = customer(3);
    await expect(feed.readFully([customer(1), nobody], cut)).rejects.toMatchObject({ code: "NETWORK" });
    expect((await feed.cursor())?.fullPass).toMatchObject({ drained: false, unreadable: 1 });
    await feed.readFully([customer(2)]);
    expect((await feed.cursor())?.fullPass).toMatchObject({ drained: true, unreadable: 1 });
  });
});
