import { expect, test } from "vitest";
import { createDice, isSample, report, seed } from "./support/campaign.js";
import { createSmallDisk } from "./support/small-disk.js";
import { startWorker } from "./support/worker-process.js";
import type { FullDiskMessage, FullDiskPlan } from "./workers/full-disk-plan.js";

const disks = isSample ? 2 : 30;
const diskMb = 32;
/** What a whole sync takes is a little more than the most that is left to it. */
const [leastRoom, mostRoom] = [64 * 1024, 2 * 1024 * 1024];

test("a disk that fills up during a sync fails the run with a clear error, loses nothing, and is gone on with", async () => {
  const dice = createDice("full disks");
  const messages = new Map<string, number>();
  let failed = 0;
  let landed = 0;
  for (let round = 1; round <= disks; round += 1) {
    const disk = await createSmallDisk(diskMb);
    if ("whyNot" in disk) {
      report(`Not tested: this user may not mount a small file system here. ${disk.whyNot}`);
      return;
    }
    const plan: FullDiskPlan = {
      directory: disk.directory,
      roomBytes: dice.integer(leastRoom, mostRoom),
      seed: dice.integer(1, 1_000_000),
    };
    const worker = startWorker<FullDiskMessage>("full-disk", plan, undefined, [], disk.within);
    await worker.gone;
    await disk.close();
    const [first, after] = worker.messages;
    expect(first).toMatchObject({ kind: "first sync", lost: 0 });
    expect(after).toEqual({ kind: "with room again", status: "completed", isWhole: true, isEqual: true });
    if (first?.kind !== "first sync" || first.status === "completed") continue;
    failed += 1;
    landed += first.acknowledged;
    expect(first.error?.code).toBe("STORAGE");
    expect(first.error?.message).toMatch(/disk is full|no room left/);
    const message = `${first.status}: ${first.error?.message}`;
    messages.set(message, (messages.get(message) ?? 0) + 1);
  }
  expect(failed).toBeGreaterThanOrEqual(disks / 3);
  report(
    `${disks} small disks, ${failed} of which filled up after ${landed} entities in all (seed ${seed}):\n` +
      [...messages].map(([message, count]) => `${String(count).padStart(5)} ${message}`).join("\n"),
  );
});
