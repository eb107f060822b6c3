import { expect, it } from "vitest";
import { connectedProgram } from "../__fixtures__/connected-program.js";

it("counts, exports and replays rejections after the configuration file made the rules of a company milder", async () => {
  const { must, configure } = await connectedProgram();
  await must("sync", "--data", "both", "--json");
  const { items } = JSON.parse(await must("rejections", "count", "--json"));
  const total = items.reduce((sum: number, { count }: { count: number }) => sum + count, 0);
  expect(total).toBeGreaterThan(0);

  const lines = (await must("rejections", "export")).trim().split("\n");
  expect(lines).toHaveLength(total);
  expect(JSON.parse(lines[0] ?? "")).not.toHaveProperty("payload");
  const [whole = ""] = (await must("rejections", "export", "--with-payload")).split("\n");
  expect(JSON.parse(JSON.parse(whole).payload)).toHaveProperty("id");

  const rules = { names: "warn", address: "warn", total: "warn", required: "warn" };
  await configure(`export default { companies: { acme: { rules: ${JSON.stringify(rules)} } } };`);
  const last = (await must("rejections", "replay", "--json")).trim().split("\n").at(-1) ?? "";
  expect(JSON.parse(last)).toMatchObject({
    event: "run:end",
    status: "completed",
    successful: total,
    failed: 0,
  });
  expect(await must("rejections", "count")).toBe("Nothing is rejected.\n");
  expect((await must("history", "--limit", "1")).split(/\s{2,}/)).toContain("replay");
});

it("tells every mistake in what the configuration file says of companies", async () => {
  const { run, configure } = await connectedProgram();
  await configure(`export default { companies: {
    acme: { tradename: "HVAC", rules: { phones: "strict" } },
    birch: { mapping: { member: { gate: "customer.customfields[0].value" } } },
  } };`);
  const { exitCode, stderr } = await run("rejections", "count");
  expect(exitCode).toBe(2);
  for (const mistake of ["acme.tradename", "acme.rules.phones", "birch.mapping.member.gate"]) {
    expect(stderr).toContain(`companies.${mistake}`);
  }
});
