import { eachPage } from "../async/each-page.js";
import type { StoredRun } from "../ports/sync-run.js";
import { isWhole, judgeRun } from "../quality/run-quality.js";
import { emptyByChoice } from "../records/empty-by-choice.js";
import type { RunContext } from "./run/run-context.js";

/** The number of earlier runs that show what is normal. */
const pageSize = 20;
/** How many runs are searched for the last full one: a month of hourly syncs. */
const maxPages = 40;

/** Warns of what is unusual about a run beside those before it. */
export async function warnOfQuality(context: RunContext): Promise<void> {
  const { catalog, company, request, figures, warn } = context;
  // Previously rejected records are not a representative sample.
  if (request.replay === true) return;
  const run = { request, ...figures.all() };
  const former = await formerRuns(context);
  for (const warning of judgeRun(catalog, run, former, emptyByChoice(catalog, company))) warn(warning);
}

/** The last runs, newest first, and for a full run those back to the last full one. */
async function formerRuns({ storage, lease, request }: RunContext): Promise<readonly StoredRun[]> {
  const { credentialId, runId } = lease;
  const former: StoredRun[] = [];
  let pages = 0;
  for await (const runs of eachPage((page) => storage.listRuns({ credentialId }, page), { pageSize })) {
    former.push(...runs.filter((run) => run.id !== runId && isComparable(run)));
    pages += 1;
    if (pages === maxPages || !isWhole({ request }) || former.some(isWhole)) break;
  }
  return former;
}

function isComparable({ status, request }: StoredRun): boolean {
  return (status === "completed" || status === "partial") && request.replay !== true;
}
