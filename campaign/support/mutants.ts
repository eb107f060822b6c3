import { alertMutants } from "./alert-mutants.js";
import { byteMutants } from "./byte-mutants.js";
import { consistencyMutants } from "./consistency-mutants.js";
import { definitionMutants } from "./definition-mutants.js";
import { deliveryMutants } from "./delivery-mutants.js";
import { erasureMutants } from "./erasure-mutants.js";
import { exactnessMutants } from "./exactness-mutants.js";
import type { Mutant } from "./mutant.js";
import { ownRecordMutants } from "./own-record-mutants.js";
import { queueMutants } from "./queue-mutants.js";
import { readingMutants } from "./reading-mutants.js";
import { requestMutants } from "./request-mutants.js";
import { runMutants } from "./run-mutants.js";
import { scheduleMutants } from "./schedule-mutants.js";
import { sliceMutants } from "./slice-mutants.js";
import { sqliteMutants } from "./sqlite-mutants.js";
import { storageMutants } from "./storage-mutants.js";
import { workerMutants } from "./worker-mutants.js";

/** All mistakes that the tests must not let pass. */
export const mutants: readonly Mutant[] = [
  ...byteMutants,
  ...consistencyMutants,
  ...exactnessMutants,
  ...definitionMutants,
  ...erasureMutants,
  ...ownRecordMutants,
  ...queueMutants,
  ...scheduleMutants,
  ...alertMutants,
  ...sliceMutants,
  ...sqliteMutants,
  ...storageMutants,
  ...workerMutants,
  ...requestMutants,
  ...readingMutants,
  ...deliveryMutants,
  ...runMutants,
];
