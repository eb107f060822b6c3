import type { KnownRecordType } from "@titan-sync/core";
import type { Row as SimulatorRow } from "@titan-sync/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openMemoryStores } from "../sync/memory-stores.js";
import { createWorld, type Row, type Stores, type World } from "../sync/world.js";

type Records = Readonly<Record<KnownRecordType, ReadonlyMap<string, Row>>>;

/** A change of one entity, and the records that it concerns. */
interface Change {
  readonly feed: Parameters<World["simulator"]["rows"]>[1];
  readonly id: number;
  readonly set: Readonly<Record<string, unknown>>;
  readonly members: readonly string[];
  readonly invoices: readonly string[];
}

let stores: Stores;
beforeAll(async () => {
  stores = await openMemoryStores();
});
afterAll(() => stores.close());

describe("Exactly the records made from an entity change with it:", () => {
  test("one contact", () =>
    moves((world, { member, invoice }) => {
      const contact = first(
        rowsOf(world, "customer-contacts"),
        (row) => row["type"] === "MobilePhone" && member.has(String(row["customerId"])),
      );
      const customerId = Number(contact["customerId"]);
      return {
        feed: "customer-contacts",
        id: contact.id,
        set: { value: "7735550100", active: true },
        members: [String(customerId)],
        invoices: invoicesOf(invoice, (row) => row["customer_id"] === String(customerId)),
      };
    }));

  test("one membership", () =>
    moves((world, { member }) => {
      const memberships = rowsOf(world, "memberships");
      // An only one: it speaks for its customer whatever becomes of it.
      const membership = first(memberships, (row) => {
        const own = memberships.filter((other) => other["customerId"] === row["customerId"]);
        return own.length === 1 && row["status"] === "Active" && member.has(String(row["customerId"]));
      });
      return {
        feed: "memberships",
        id: membership.id,
        set: { status: "Suspended" },
        members: [String(membership["customerId"])],
        invoices: [],
      };
    }));

  test("the name of one membership type", () =>
    moves((world, { member }) => {
      const type = first(rowsOf(world, "membership-types"), (row) =>
        [...member.values()].some((record) => record["membership_type"] === row["name"]),
      );
      return {
        feed: "membership-types",
        id: type.id,
        set: { name: "Renamed Plan" },
        members: idsWhere(member, (row) => row["membership_type"] === type["name"]),
        invoices: [],
      };
    }));

  test("the name of one zone", () =>
    moves((world, { invoice }) => {
      const zone = first(rowsOf(world, "zones"), (row) =>
        [...invoice.values()].some((record) => record["zone"] === row["name"]),
      );
      return {
        feed: "zones",
        id: zone.id,
        set: { name: "Renamed Zone" },
        members: [],
        invoices: idsWhere(invoice, (row) => row["zone"] === zone["name"]),
      };
    }));

  test("one appointment", () =>
    moves((world, { invoice }) => {
      const jobIdOf = (id: string): unknown =>
        (rowsOf(world, "invoices").find((row) => String(row.id) === id)?.["job"] as { id?: number } | null)
          ?.id;
      const withJob = new Map([...invoice.keys()].map((id) => [id, jobIdOf(id)]));
      const job = first(
        rowsOf(world, "jobs"),
        (row) => [...withJob.values()].includes(row.id) && Number(row["firstAppointmentId"]) > 0,
      );
      return {
        feed: "appointments",
        id: Number(job["firstAppointmentId"]),
        set: { start: "2025-02-03T04:05:06Z" },
        members: [],
        invoices: [...withJob].filter(([, jobId]) => jobId === job.id).map(([id]) => id),
      };
    }));

  test("the name of one customer", () =>
    moves((_world, { member, invoice }) => {
      const [[, some] = []] = [...invoice].filter(([, row]) => member.has(String(row["customer_id"])));
      const id = String(some?.["customer_id"]);
      return {
        feed: "customers",
        id: Number(id),
        set: { name: "Newly Named" },
        members: [id],
        invoices: invoicesOf(invoice, (row) => row["customer_id"] === id),
      };
    }));
});

async function moves(choose: (world: World, records: Records) => Change): Promise<void> {
  const world = await createWorld(stores);
  await world.sync();
  const before = await recordsOf(world);
  const { feed, id, set, members, invoices } = choose(world, before);
  expect(members.length + invoices.length).toBeGreaterThan(0);
  world.simulator.mutate(world.tenantId, { kind: "edit", feed, id, set });

  const result = await world.sync({ fresh: true });
  const after = await recordsOf(world);
  expect(movedBetween(before.member, after.member)).toEqual(members.toSorted());
  expect(movedBetween(before.invoice, after.invoice)).toEqual(invoices.toSorted());
  expect(result.ledger.successful).toBe(members.length + invoices.length);
}

async function recordsOf(world: World): Promise<Records> {
  return { member: await world.records("member"), invoice: await world.records("invoice") };
}

function movedBetween(before: ReadonlyMap<string, Row>, after: ReadonlyMap<string, Row>): readonly string[] {
  const ids = new Set([...before.keys(), ...after.keys()]);
  return [...ids].filter((id) => JSON.stringify(before.get(id)) !== JSON.stringify(after.get(id))).toSorted();
}

function rowsOf(world: World, feed: Change["feed"]): readonly SimulatorRow[] {
  return world.simulator.rows(world.tenantId, feed);
}

function first(rows: readonly SimulatorRow[], matches: (row: SimulatorRow) => boolean): SimulatorRow {
  const found = rows.find(matches);
  if (found === undefined) throw new Error("The simulated tenant has no such row.");
  return found;
}

function idsWhere(records: ReadonlyMap<string, Row>, matches: (row: Row) => boolean): readonly string[] {
  return [...records].filter(([, row]) => matches(row)).map(([id]) => id);
}

const invoicesOf = idsWhere;
