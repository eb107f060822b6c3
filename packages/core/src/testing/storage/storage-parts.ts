import type { Storage } from "../../ports/storage.js";

/**
 * The parts of the suite, in the order in which a storage is best written: each builds on those before it. They are
 * named as the files of the port are; `links`, `fencing`, `isolation`, `pages` and `credential-removal` say what holds
 * across several of them.
 */
export const storageParts = [
  "credential-store",
  "company-store",
  "audit-log",
  "token-store",
  "schedule-store",
  "run-store",
  "run-history",
  "credential-state",
  "start-ledger",
  "alert-store",
  "worker-registry",
  "landing-store",
  "entity-store",
  "work-queue",
  "links",
  "delivery-store",
  "rejection-store",
  "fencing",
  "isolation",
  "pages",
  "credential-removal",
  "erasure-store",
  "suppression-store",
  "retention-store",
] as const;

export type StoragePart = (typeof storageParts)[number];

/**
 * Verbs of later parts that a part's tests need, mostly to see what was written. Besides these a part needs only its
 * own verbs and those of the parts before it.
 */
export const storagePartNeeds: Readonly<Partial<Record<StoragePart, readonly (keyof Storage)[]>>> = {
  "run-store": ["findRun", "findAcceptedRun", "findCurrentRun", "landRows", "findCursors", "claimKeys"],
  "run-history": ["landRows"],
  "landing-store": ["findEntities", "findEntitiesByLink", "claimKeys", "settleKeys", "listRejections"],
  "work-queue": ["settleKeys"],
  links: ["settleKeys"],
  "delivery-store": ["listRejections"],
  "erasure-store": ["listSuppressedRows"],
};
