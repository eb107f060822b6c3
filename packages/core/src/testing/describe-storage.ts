import { describe } from "vitest";
import { describeAcceptedRuns, describeFulfillingRuns } from "./storage/describe-accepted-runs.js";
import { describeAlertMessages } from "./storage/describe-alert-messages.js";
import { describeAlertStore } from "./storage/describe-alert-store.js";
import { describeAuditLog } from "./storage/describe-audit-log.js";
import { describeCompanyStore } from "./storage/describe-company-store.js";
import { describeCredentialRemoval } from "./storage/describe-credential-removal.js";
import { describeCredentialStates } from "./storage/describe-credential-states.js";
import { describeCredentialStore } from "./storage/describe-credential-store.js";
import { describeDeliveryStore } from "./storage/describe-delivery-store.js";
import { describeDeliveredRecords } from "./storage/describe-delivery-store-records.js";
import { describeEntityStore } from "./storage/describe-entity-store.js";
import { describeErasureStore } from "./storage/describe-erasure-store.js";
import { describeFencing } from "./storage/describe-fencing.js";
import { describeIsolation } from "./storage/describe-isolation.js";
import { describeLandingStore } from "./storage/describe-landing-store.js";
import { describeSweep } from "./storage/describe-landing-store-sweep.js";
import { describeLinks } from "./storage/describe-links.js";
import { describeLostRuns } from "./storage/describe-lost-runs.js";
import { describePages } from "./storage/describe-pages.js";
import { describeRejectionStore } from "./storage/describe-rejection-store.js";
import { describeRetentionStore } from "./storage/describe-retention-store.js";
import { describeRunHistory } from "./storage/describe-run-history.js";
import { describeRunStore } from "./storage/describe-run-store.js";
import { describeRunCancellation } from "./storage/describe-run-store-cancellation.js";
import { describeScheduleStore } from "./storage/describe-schedule-store.js";
import { describeStartLedger } from "./storage/describe-start-ledger.js";
import { describeSuppressionStore } from "./storage/describe-suppression-store.js";
import { describeTokenStore } from "./storage/describe-token-store.js";
import { describeSharedTokens } from "./storage/describe-token-store-sharing.js";
import { describeWorkQueue } from "./storage/describe-work-queue.js";
import { describeExpansion } from "./storage/describe-work-queue-expansion.js";
import { describeWorkerRegistry } from "./storage/describe-worker-registry.js";
import { type DescribeStorageOptions, type StorageFixture, useStorage } from "./storage/storage-fixture.js";
import { type StoragePart, storageParts } from "./storage/storage-parts.js";

const describers: Readonly<Record<StoragePart, readonly ((fixture: StorageFixture) => void)[]>> = {
  "credential-store": [describeCredentialStore],
  "company-store": [describeCompanyStore],
  "audit-log": [describeAuditLog],
  "token-store": [describeTokenStore, describeSharedTokens],
  "schedule-store": [describeScheduleStore],
  "run-store": [describeRunStore, describeRunCancellation, describeLostRuns, describeAcceptedRuns],
  "run-history": [describeFulfillingRuns, describeRunHistory],
  "credential-state": [describeCredentialStates],
  "start-ledger": [describeStartLedger],
  "alert-store": [describeAlertStore, describeAlertMessages],
  "worker-registry": [describeWorkerRegistry],
  "landing-store": [describeLandingStore, describeSweep],
  "entity-store": [describeEntityStore],
  "work-queue": [describeWorkQueue, describeExpansion],
  links: [describeLinks],
  "delivery-store": [describeDeliveryStore, describeDeliveredRecords],
  "rejection-store": [describeRejectionStore],
  fencing: [describeFencing],
  isolation: [describeIsolation],
  pages: [describePages],
  "credential-removal": [describeCredentialRemoval],
  "erasure-store": [describeErasureStore],
  "suppression-store": [describeSuppressionStore],
  "retention-store": [describeRetentionStore],
};

/**
 * Registers the tests that every storage must pass. They use their own companies with random ids, so the storage need
 * not be empty; only their pruning affects other companies. Call it at the top level of a test file.
 *
 * While a storage is being written, run the parts that it has already: {@link storageParts} holds them in the order in
 * which they are best written, and {@link storagePartNeeds} the few verbs that a part needs of later ones.
 *
 * @example
 * describeStorage({ name: "my storage", setup: () => ({ storage: myStorage({ pool }) }) });
 *
 * @example
 * describeStorage({ setup, parts: ["credential-store", "token-store"] });
 */
export function describeStorage(options: DescribeStorageOptions): void {
  const { name = "storage", parts = storageParts } = options;
  describe(name, () => {
    const fixture = useStorage(options);
    for (const part of storageParts.filter((known) => parts.includes(known))) {
      describe(part, () => {
        for (const describePart of describers[part]) describePart(fixture);
      });
    }
  });
}
