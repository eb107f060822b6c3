import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryDirectory } from "../__fixtures__/temporary-directory.js";
import { openEmbedded } from "./open-embedded.js";

it("the embedded database lets timers and signals through while it is busy", {
  timeout: 60_000,
}, async () => {
  const { pool, close } = await openEmbedded(join(await temporaryDirectory(), "database"));
  let fired = false;
  setTimeout(() => {
    fired = true;
  }, 0);
  const deadline = performance.now() + 10_000;
  while (!fired && performance.now() < deadline) {
    const client = await pool.connect();
    await client.query("SELECT 1");
    client.release();
  }
  await close();
  expect(fired).toBe(true);
});
