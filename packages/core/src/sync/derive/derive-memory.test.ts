import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inParallel } from "../../async/in-parallel.js";
import { someCustomer, someInvoiceRow } from "../../records/__fixtures__/entities.js";
import { plansFor } from "../../records/definitions/catalog.js";
import { shippedCatalog } from "../../records/definitions/definitions.js";
import { createDeriveWorld, type Landed, landedRow } from "../__fixtures__/derive-world.js";
import { createDelivery } from "../deliver/deliver-batch.js";
import { splitKeys } from "./batch-parts.js";
import { deriveRecords } from "./derive-records.js";

const padding = (bytes: number): string => "x".repeat(bytes);

/** Rows of every size, whose records share customers and contacts. */
const worlds = fc
  .record({
    customers: fc.array(
      fc.record({ size: fc.nat(8000), contacts: fc.array(fc.nat(2000), { maxLength: 4 }) }),
      { minLength: 1, maxLength: 12 },
    ),
    invoices: fc.array(fc.record({ size: fc.nat(30_000), customer: fc.nat(11), job: fc.nat(5000) }), {
      minLength: 1,
      maxLength: 25,
    }),
    batchSize: fc.integer({ min: 1, max: 30 }),
    maxBytes: fc.integer({ min: 2000, max: 120_000 }),
  })
  .map(({ customers, invoices, ...sizes }) => ({
    ...sizes,
    customers: customers.length,
    invoices: invoices.length,
    // A row with all that it is joined with, and its record.
    largest: 30_000 + 8000 + 4 * 2000 + 5000 + 10 * 1024,
    landed: {
      customers: customers.map(({ size }, index) =>
        landedRow({ ...someCustomer({ id: index + 1 }), padding: padding(size) } as { id: number }),
      ),
      "customer-contacts": customers.flatMap(({ contacts }, index) =>
        contacts.map((size, place) =>
          landedRow(
            {
              id: (index + 1) * 100 + place,
              customerId: index + 1,
              active: true,
              type: "Phone",
              value: "5551230000",
              padding: padding(size),
            } as { id: number },
            { customer: index + 1 },
          ),
        ),
      ),
      invoices: invoices.map(({ size, customer }, index) => {
        const customerId = (customer % customers.length) + 1;
        const row = someInvoiceRow({
          id: index + 1,
          customer: { id: customerId, name: "Jane Sample" },
          job: { id: index + 1, number: "7", type: "Repair" },
        });
        return landedRow({ ...row, padding: padding(size) } as { id: number }, {
          customer: customerId,
          job: index + 1,
        });
      }),
      jobs: invoices.map(({ job }, index) =>
        landedRow({ id: index + 1, padding: padding(job) } as { id: number }),
      ),
    } satisfies Landed,
  }));

describe("the memory that deriving uses", () => {
  it("exceeds its limit by at most one record, for any sizes, and every record is delivered", async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async ({ landed, customers, invoices, largest, ...sizes }) => {
        const world = await createDeriveWorld(landed, sizes);
        await inParallel(plansFor(shippedCatalog, "both"), (plan) =>
          deriveRecords(world.context, plan, createDelivery(world.context, plan), randomUUID),
        );
        expect(world.sink.records("member").size).toBe(customers);
        expect(world.sink.records("invoice").size).toBe(invoices);
        expect(world.peak()).toBeLessThanOrEqual(sizes.maxBytes + largest);
        expect(world.budget.inFlight()).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it("of a batch of large rows is bounded by bytes, not only by count", async () => {
    const maxBytes = 1_000_000;
    const batches: number[] = [];
    const invoices = Array.from({ length: 40 }, (_, index) =>
      landedRow({ ...someInvoiceRow({ id: index + 1 }), padding: padding(100_000) } as { id: number }, {
        customer: 41,
      }),
    );
    const world = await createDeriveWorld(
      { customers: [landedRow(someCustomer())], invoices },
      {
        maxBytes,
        batchSize: 2000,
        sink: (own) => ({
          write(batch, context) {
            batches.push(batch.items.length);
            return own.write(batch, context);
          },
        }),
      },
    );
    for (const plan of plansFor(shippedCatalog, "invoices"))
      await deriveRecords(world.context, plan, createDelivery(world.context, plan), randomUUID);
    expect(batches.reduce((sum, size) => sum + size, 0)).toBe(40);
    expect(Math.max(...batches)).toBe(2);
    expect(world.peak()).toBeLessThanOrEqual(maxBytes);
  });

  it("is reserved before a batch is loaded", async () => {
    const rows = [1, 2, 3].map((id) =>
      landedRow({ ...someCustomer({ id }), padding: padding(5000) } as { id: number }),
    );
    const world = await createDeriveWorld({ customers: rows }, { maxBytes: 1_000_000, batchSize: 10 });
    const { storage } = world.context;
    let atLoading: number | null = null;
    const watched = {
      ...storage,
      findEntities(params: Parameters<typeof storage.findEntities>[0]) {
        atLoading ??= world.budget.inFlight();
        return storage.findEntities(params);
      },
    };
    for (const plan of plansFor(shippedCatalog, "customers")) {
      const context = { ...world.context, storage: watched };
      await deriveRecords(context, plan, createDelivery(context, plan), randomUUID);
    }
    expect(atLoading).toBeGreaterThan(15_000);
  });

  it("is released when a record type fails, so that the other one continues", async () => {
    const rows = Array.from({ length: 30 }, (_, index) => index + 1);
    const world = await createDeriveWorld(
      {
        customers: rows.map((id) =>
          landedRow({ ...someCustomer({ id }), padding: padding(3000) } as { id: number }),
        ),
        invoices: rows.map((id) =>
          landedRow({ ...someInvoiceRow({ id }), padding: padding(3000) } as { id: number }, { customer: 1 }),
        ),
      },
      {
        // No batch of the one fits beside a batch of the other.
        maxBytes: 12_000,
        batchSize: 10,
        sink: (own) => ({
          write: (batch, context) =>
            batch.record === "member" ? Promise.reject(new Error("full")) : own.write(batch, context),
        }),
      },
    );
    await expect(
      inParallel(plansFor(shippedCatalog, "both"), (plan) =>
        deriveRecords(world.context, plan, createDelivery(world.context, plan), randomUUID),
      ),
    ).rejects.toThrow("did not accept a batch");
    expect(world.sink.records("invoice").size).toBe(30);
    expect(world.budget.inFlight()).toBe(0);
  });
});

describe("splitting a claim", () => {
  const keys = ["1", "2", "3"].map((id) => ({ id }));

  it("counts rows that several records share once per part", () => {
    const shared = { name: "customers 7", bytes: 50_000 };
    const sizes = new Map(keys.map(({ id }) => [id, [{ name: `invoices ${id}`, bytes: 1000 }, shared]]));
    expect(splitKeys(keys, sizes, 62_000).map((part) => part.keys.length)).toEqual([3]);
    expect(splitKeys(keys, sizes, 57_000).map((part) => part.keys.length)).toEqual([2, 1]);
  });

  it("puts a record that alone is too large into its own part, and keeps the order", () => {
    const sizes = new Map([["2", [{ name: "invoices 2", bytes: 900_000 }]]]);
    const parts = splitKeys(keys, sizes, 10_000);
    expect(parts.map((part) => part.keys.map((key) => key.id))).toEqual([["1"], ["2"], ["3"]]);
  });

  it("counts keys that are not landed as almost nothing", () => {
    expect(splitKeys(keys, new Map(), 10_000).map((part) => part.keys.length)).toEqual([3]);
    expect(splitKeys([], new Map(), 10_000)).toEqual([]);
  });
});
