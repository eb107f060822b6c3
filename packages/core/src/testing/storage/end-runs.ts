import type { EndStatus } from "../../ports/sync-run.js";
import { entity } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import type { TenantUnderTest } from "./tenant-under-test.js";

type Ended = EndStatus;

/** Runs one after the other, so that each starts later than the one before. */
export async function endRuns(
  fixture: StorageFixture,
  tenant: TenantUnderTest,
  ...statuses: readonly Ended[]
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const status of statuses) {
    const run = await tenant.begin();
    await run.land({ entities: [entity("1"), entity("2")] });
    await fixture.passTime(5);
    await run.end(status);
    await fixture.passTime(5);
    ids.push(run.run.id);
  }
  return ids;
}
