/** The parts of the suite in the order in which a storage is best written. */
export const storageParts = [
  "credential-store",
  "token-store",
  "company-store",
  "audit-log",
  "schedule-store",
  "run-store",
  "landing-store",
  "entity-store",
  "run-history",
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
