import { describe } from "vitest";
import { describeAudit } from "./storage/describe-audit.js";
import { describeCancelling } from "./storage/describe-cancelling.js";
import { describeCompanies } from "./storage/describe-companies.js";
import { describeConsistencyView } from "./storage/describe-consistency-view.js";
import { describeCredentials } from "./storage/describe-credentials.js";
import { describeDelivery } from "./storage/describe-delivery.js";
import { describeEntitySizes } from "./storage/describe-entity-sizes.js";
import { describeErasure } from "./storage/describe-erasure.js";
import { describeExpansion } from "./storage/describe-expansion.js";
import { describeFencing } from "./storage/describe-fencing.js";
import { describeHistory } from "./storage/describe-history.js";
import { describeIsolation } from "./storage/describe-isolation.js";
import { describeLanding } from "./storage/describe-landing.js";
import { describeLinks } from "./storage/describe-links.js";
import { describeLists } from "./storage/describe-lists.js";
import { describeRejections } from "./storage/describe-rejections.js";
import { describeRuns } from "./storage/describe-runs.js";
import { describeSchedules } from "./storage/describe-schedules.js";
import { describeSuppressions } from "./storage/describe-suppressions.js";
import { describeSweep } from "./storage/describe-sweep.js";
import { describeTokens } from "./storage/describe-tokens.js";
import { describeWorkQueue } from "./storage/describe-work-queue.js";
import { describeWorkReads } from "./storage/describe-work-reads.js";
import { type DescribeStorageOptions, type StorageFixture, useStorage } from "./storage/storage-fixture.js";

const parts: readonly ((fixture: StorageFixture) => void)[] = [
  describeRuns,
  describeFencing,
  describeCancelling,
  describeLanding,
  describeLinks,
  describeWorkQueue,
  describeExpansion,
  describeSweep,
  describeDelivery,
  describeWorkReads,
  describeEntitySizes,
  describeConsistencyView,
  describeErasure,
  describeSuppressions,
  describeRejections,
  describeHistory,
  describeLists,
  describeCredentials,
  describeTokens,
  describeSchedules,
  describeCompanies,
  describeAudit,
  describeIsolation,
];

/**
 * Registers the tests that every storage must pass. They work with companies of their own, with random ids,
 * and need no empty storage; only pruning goes beyond. Call it at the top of a test file.
 *
 * @example
 * describeStorage({ name: "my storage", setup: () => ({ storage: myStorage({ pool }) }) });
 */
export function describeStorage(options: DescribeStorageOptions): void {
  describe(options.name ?? "storage", () => {
    const fixture = useStorage(options);
    for (const describePart of parts) describePart(fixture);
  });
}
