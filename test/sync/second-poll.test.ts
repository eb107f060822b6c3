import { expect, test } from "vitest";
import { openMemoryStores } from "./memory-stores.js";
import { createWorld, type World } from "./world.js";

test("the second poll of a run suppresses the rows of an erased customer like the first one", async () => {
  const polled: string[] = [];
  let changeMeanwhile: (() => void) | null = null;
  const world: World = await createWorld(await openMemoryStores(), {
    simulator: { exportLagMs: 0 },
    titan: {
      progress(event) {
        if (event.event !== "feed:end" || event.feed !== "customer-contacts") return;
        polled.push(event.feed);
        changeMeanwhile?.();
        changeMeanwhile = null;
      },
    },
  });
  const { simulator, tenantId, companyId } = world;
  await world.sync({ fresh: true });
  const contact = simulator.rows(tenantId, "customer-contacts")[0];
  const customerId = String(contact?.["customerId"]);
  expect((await world.titan.erase({ companyId, customerId })).entities).toBeGreaterThan(1);

  const other = simulator.rows(tenantId, "customers").find(({ id }) => String(id) !== customerId);
  simulator.mutate(tenantId, {
    kind: "edit",
    feed: "customers",
    id: other?.id ?? 0,
    set: { name: "Somebody Else" },
  });
  changeMeanwhile = () =>
    simulator.mutate(tenantId, {
      kind: "edit",
      feed: "customer-contacts",
      id: contact?.id ?? 0,
      set: { memo: "changed while the run was reading" },
    });
  const { status, ledger } = await world.sync({ fresh: true });
  expect(status).toBe("completed");
  expect(polled.length).toBeGreaterThan(1);
  expect(ledger.feeds["customer-contacts"]).toMatchObject({ suppressed: 1, landed: 0 });
  const scope = { companyId, environment: "production", tenantId } as const;
  const ids = [String(contact?.id)];
  expect(await world.storage.findEntities({ scope, feed: "customer-contacts", ids })).toEqual([]);
});
