import type { Row, World } from "../world.js";
import { feedNames } from "./stored-state.js";

/** A customer with a delivered member and invoices, and the ids of the latter. */
export async function pickCustomer(world: World) {
  const members = await world.records("member");
  const invoices = world.simulator.rows(world.tenantId, "invoices");
  const ownerOf = (row: Row) => String((row["customer"] as Row | null)?.["id"]);
  const delivered = await world.records("invoice");
  const customerId = [...members.keys()].find((id) =>
    invoices.some((row) => ownerOf(row) === id && delivered.has(String(row["id"]))),
  );
  if (customerId === undefined) throw new Error("No customer with an invoice was delivered.");
  const own = invoices.filter((row) => ownerOf(row) === customerId).map((row) => String(row["id"]));
  return { customerId, name: members.get(customerId)?.["customer_name"], invoiceIds: own };
}

/** The payloads of landed entities that contain a text. */
export async function entitiesNamed(world: World, text: unknown): Promise<readonly string[]> {
  const scope = {
    companyId: world.companyId,
    environment: "production",
    tenantId: world.tenantId,
  } as const;
  const found: string[] = [];
  for (const feed of feedNames) {
    const ids = await world.storage.listEntityIds({ scope, feed, after: null, limit: 1000 });
    const rows = await world.storage.findEntities({ scope, feed, ids: ids.map((row) => row.id) });
    found.push(...rows.filter((row) => row.payload.includes(String(text))).map((row) => row.payload));
  }
  return found;
}
