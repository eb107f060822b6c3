import { expect, it } from "vitest";
import { connectedProgram } from "../__fixtures__/connected-program.js";

it("exports the columns that a company's mapping has added, after the standard ones", async () => {
  const { must, configure } = await connectedProgram();
  await must("sync", "--data", "invoices", "--json");
  const [before = ""] = (await must("export", "invoices")).split("\r\n");
  await configure(`export default { companies: { acme: { mapping: { invoice: {
    job_status: "job.jobStatus", balance: "invoice.balance",
  } } } } };`);
  await must("sync", "--data", "invoices", "--rederive", "--json");

  const [header, ...rows] = (await must("export", "invoices")).trimEnd().split("\r\n");
  expect(header).toBe(`${before},balance,job_status`);
  expect(rows.some((row) => /,\d+,-?[\d.]+,Completed$/.test(row))).toBe(true);
  const [line = ""] = (await must("export", "invoices", "--format", "jsonl")).split("\n");
  expect(Object.keys(JSON.parse(line)).slice(-3)).toEqual(["source_id", "balance", "job_status"]);
});
