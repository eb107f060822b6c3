export { orAborted } from "../async/aborted.js";
export { inParallel } from "../async/in-parallel.js";
export type { TimeLimit } from "../async/in-time.js";
export { inTime } from "../async/in-time.js";
export { landingFigures } from "../ledger/figures.js";
export { clearsRejections, staysPending } from "../ledger/settled-item.js";
export { supersededRun } from "../ledger/superseded-run.js";
export { makeFileAtomically, removePartialFiles, writeFileAtomically } from "../sinks/atomic-file.js";
export { waitOutLease } from "../sync/wait-out-lease.js";
