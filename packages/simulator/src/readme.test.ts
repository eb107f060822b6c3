import { readFile } from "node:fs/promises";
import { createSimulator, startSimulatorServer } from "@titan-sync/simulator";
import { simulatorHandlers } from "@titan-sync/simulator/msw";
import { setupServer } from "msw/node";
import { describe, expect, test } from "vitest";

describe("the README", () => {
  test("shows a server, faults, changes, the truth and counters", async () => {
    // #region
    const simulator = createSimulator({ seed: 7, tenants: [{ customers: 50, invoices: 120 }] });
    const server = await startSimulatorServer(simulator); // API and token endpoint under server.url
    const [tenant] = simulator.tenants; // tenantId, clientId, clientSecret, appKey

    simulator.faults.inject({ effect: { kind: "status", status: 503, body: "html" }, probability: 0.1 });
    simulator.faults.inject({ effect: { kind: "reset" }, feed: "invoices", nth: 2 });

    const changed = simulator.mutateRandomly({ count: 5 }); // [{ feed, id, kind }, …]
    const truth = simulator.rows("1001", "customers"); // what a client must end up with
    const { requests, throttled, peakRequestsPerSecond } = simulator.counters();

    await server.close();
    // #endregion
    expect(tenant?.tenantId).toBe("1001");
    expect(changed).toHaveLength(5);
    expect(truth).toHaveLength(50);
    expect([requests, throttled, peakRequestsPerSecond]).toEqual([0, 0, 0]);
  });

  test("shows the msw handlers", () => {
    // #region
    const apiUrl = "https://api.servicetitan.io";
    const authUrl = "https://auth.servicetitan.io";
    const network = setupServer(...simulatorHandlers(createSimulator(), { apiUrl, authUrl }));
    // #endregion
    expect(network.listHandlers()).toHaveLength(2);
  });

  test("has the code of these tests, with their imports", async () => {
    const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
    const here = await readFile(new URL("readme.test.ts", import.meta.url), "utf8");
    const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, block = ""]) => block);
    const regions = [...here.matchAll(/ {4}\/\/ #region\n(.*?) {4}\/\/ #endregion/gs)].map(
      ([, region = ""]) => region.replace(/^ {4}/gm, ""),
    );
    const names = new Set(here.match(/import \{[^}]*\} from "[^"]+";/g));
    expect(blocks.map((block) => block.replace(/^import .*\n+/gm, ""))).toEqual(regions);
    const imports = blocks.flatMap((block) => block.match(/^import .*$/gm) ?? []);
    expect(imports).toHaveLength(4);
    for (const line of imports) {
      const [, module = ""] = /from ("[^"]+")/.exec(line) ?? [];
      expect([...names].some((known) => known.includes(module))).toBe(true);
    }
  });
});
