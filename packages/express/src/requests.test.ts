import { expect, it } from "vitest";
import { startHost } from "./__fixtures__/host.js";
import { checkRequests } from "./__fixtures__/requests-property.js";

it("answers any request without failing, leaking anything, or hanging", async () => {
  await using host = await startHost({ mountPath: "/api/servicetitan" });
  await checkRequests(host, { runs: 400, seed: 20_251_125 });
  expect(host.logger.lines.filter((line) => line.message === "a request failed")).toEqual([]);
});
