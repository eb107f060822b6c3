import { describe, expect, it } from "vitest";
import { install } from "./installation.js";

describe("the data directory of the embedded database", () => {
  it("is refused to a second program, which names the first one's pid, and freed by a kill at once", async () => {
    const installation = await install({ database: "embedded" });
    await installation.must(["init"]);
    await installation.connect("acme");
    installation.simulator.faults.inject({ feed: "customers", effect: { kind: "hang" } });
    const first = installation.start(["sync", "--data", "customers", "--json"]);
    await first.printed("run:start");

    const second = await installation.run(["status"]);
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toContain(`process ${first.child.pid} `);
    expect(second.stderr).toContain("TITAN_SYNC_DATABASE_URL");

    first.child.kill("SIGTERM");
    expect((await first.result).exitCode).toBe(130);

    const killed = installation.start(["sync", "--data", "customers", "--json"]);
    await killed.printed("run:start");
    killed.child.kill("SIGKILL");
    await killed.result;
    const { items } = JSON.parse(await installation.must(["credential", "list", "--json"]));
    expect(items).toHaveLength(1);
  });
});
