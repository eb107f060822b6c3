import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { connectedProgram } from "../../__fixtures__/connected-program.js";

it("lists alerts, silences them and tries out the channels", async () => {
  const { run, must, configure } = await connectedProgram({ embedded: true });
  expect(JSON.parse(await must("alerts", "list", "--json"))).toEqual({ items: [], next: null });
  expect(await must("alerts", "list")).toContain("No alerts.");
  const silence = ["--reason", "moving", "--for", "2h", "--kind", "late", "--company", "acme", "--json"];
  const { id, until } = JSON.parse(await must("alerts", "silence", ...silence));
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(Date.parse(until)).toBeGreaterThan(Date.now() + 7_000_000);
  expect((await run("alerts", "silence", "--reason", "x", "--for", "1h", "--kind", "nothing")).exitCode).toBe(
    2,
  );
  const without = await run("alerts", "test");
  expect(without.exitCode).toBe(2);
  expect(without.stderr).toContain("No channel for alerts is configured.");

  let status = 200;
  const texts: string[] = [];
  const server = createServer((request, response) => {
    request.on("data", (data) => texts.push(String(data))).on("end", () => response.writeHead(status).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/canary`;
  await configure(`export default { alerts: { slack: [{ url: ${JSON.stringify(url)} }] } };`);
  expect(await must("alerts", "test")).toBe("slack-1: delivered\n");
  expect(texts.join("")).toContain("Titan Sync will send its alerts here");
  status = 500;
  const failed = await run("alerts", "test", "--json");
  expect(failed.exitCode).toBe(1);
  expect(JSON.parse(failed.stdout).items).toMatchObject([{ channel: "slack-1", delivered: false }]);
  expect(failed.stdout + failed.stderr).not.toContain("canary");
});
