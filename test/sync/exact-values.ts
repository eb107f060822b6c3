import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWorld, type Stores } from "./world.js";

const when = "2026-03-01T08:05:00.1234567Z";
const address = {
  street: "27 Elm Ct",
  unit: null,
  city: "Aurora",
  state: "IL",
  zip: "60505",
  country: "USA",
};

/** The simulator holds ids as numbers: what stands for a large one is replaced on its way. */
const standsFor = /(?<=[[:,])100000(\d)(?=[,}\]])/g;
const largeId = (digit: number): string => `922337203685477580${digit}`;

/** Totals as a serializer prints them that keeps the scale. */
const totals = ["12.50", "0.00", "12345678901234567890.10", "-0.0000001", "1.5E+3"];

/** A customer of each digit, with a phone, a membership, and an invoice with a job and a location of the same id. */
function entities(digits: readonly number[]) {
  const rows = <Row extends object>(make: (id: number, digit: number) => Row) =>
    digits.map((digit) => ({
      id: 1_000_000 + digit,
      active: true,
      createdOn: when,
      modifiedOn: when,
      ...make(1_000_000 + digit, digit),
    }));
  return {
    customers: rows((_id, digit) => ({ name: `Customer ${digit}`, type: "Residential", address })),
    "customer-contacts": rows((id, digit) => ({ customerId: id, type: "Phone", value: `555123000${digit}` })),
    memberships: rows((id) => ({
      customerId: id,
      membershipTypeId: id,
      status: "Active",
      from: when,
      to: null,
    })),
    "membership-types": rows((_id, digit) => ({ name: `Type ${digit}` })),
    locations: rows((id) => ({ customerId: id, zoneId: id, name: "Here", address })),
    zones: rows((_id, digit) => ({ name: `Zone ${digit}` })),
    jobs: rows((id, digit) => ({ customerId: id, firstAppointmentId: id, summary: `Job ${digit}` })),
    appointments: rows((id, digit) => ({ customerId: id, jobId: id, start: `2026-03-0${digit}T18:00:00Z` })),
    invoices: rows((id, digit) => ({
      invoiceDate: when,
      total: `total of ${digit}`,
      customer: { id, name: "" },
      location: { id, name: "" },
      locationAddress: address,
      job: { id, number: `J-${digit}`, type: "Repair" },
    })),
  };
}

/** What every storage with its own sink must show of ids and amounts that a JavaScript number would round. */
export function describeExactValues(name: string, open: () => Promise<Stores>): void {
  describe(`exact values on ${name}`, () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await open();
    });
    afterAll(async () => {
      await stores.close();
    });

    async function sync(digits: readonly number[]) {
      const world = await createWorld(stores, {
        tenant: { entities: entities(digits) },
        titan: {
          company: async () => ({
            trade: "HVAC",
            importId: null,
            timeZone: "UTC",
            mapping: { invoice: { amount: "invoice.total" } },
          }),
          fetch: async (input, init) => {
            const answer = await world.simulator.handle(new Request(input, init));
            const text = (await answer.text())
              .replace(standsFor, "922337203685477580$1")
              .replace(/"total of (\d)"/g, (_whole, digit) => totals[Number(digit) - 1] ?? "1");
            return new Response(text, answer);
          },
        },
      });
      return { world, result: await world.sync() };
    }

    test("neighboring ids of 64 bits keep their own rows, phones, memberships, jobs and zones", async () => {
      const digits = [1, 2, 3, 4, 5, 6, 7];
      const { world, result } = await sync(digits);
      expect(result).toMatchObject({ status: "completed", ledger: { failed: 0, successful: 14 } });
      const members = await world.records("member");
      const invoices = await world.records("invoice");
      expect([...members.keys()]).toEqual(digits.map(largeId));
      expect([...invoices.keys()]).toEqual(digits.map(largeId));
      for (const digit of digits) {
        expect(members.get(largeId(digit))).toMatchObject({
          customer_id: largeId(digit),
          customer_name: `Customer ${digit}`,
          customer_phone_numbers: `(555) 123-000${digit}`,
          membership_type: `Type ${digit}`,
        });
        expect(invoices.get(largeId(digit))).toMatchObject({
          customer_id: largeId(digit),
          customer_name: `Customer ${digit}`,
          invoice_number: largeId(digit),
          summary: `Job ${digit}`,
          zone: `Zone ${digit}`,
          first_appointment: `2026-03-0${digit} 18:00:00`,
        });
      }
      const again = await world.sync({ mode: "full" });
      expect(again).toMatchObject({ status: "completed", ledger: { successful: 0, failed: 0 } });
    });

    test("totals sent as JSON numbers keep their digits and their scale", async () => {
      const { world } = await sync([1, 2, 3, 4, 5]);
      const records = [...(await world.records("invoice")).values()];
      const expected = [...totals.slice(0, 4), "1500"];
      expect(records.map((record) => record["total"])).toEqual(
        stores.totals === "double" ? expected.map(Number) : expected,
      );
    });

    test("ids above 64 bits are one rejection each, under the received id", async () => {
      const { world, result } = await sync([7, 8, 9]);
      expect(result.ledger.feeds["customers"]).toMatchObject({ read: 3, landed: 1, rejected: 2 });
      const { items } = await world.titan.rejections.list(
        { companyId: world.companyId, feed: "customers" },
        { limit: 10 },
      );
      expect(items.map(({ entityId }) => entityId).toSorted()).toEqual([largeId(8), largeId(9)]);
      expect(items.every(({ entityId, payload }) => payload?.includes(`"id":${entityId},`))).toBe(true);
    });
  });
}
