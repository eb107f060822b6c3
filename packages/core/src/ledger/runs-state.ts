import type {
  Completeness,
  DataFreshness,
  EndedRun,
  RunsState,
  TypeCompleteness,
} from "../ports/credential-state.js";
import type { RunRequest, StoredRun } from "../ports/sync-run.js";

/** The state of a credential without runs. */
export const noRunsState: RunsState = {
  data: {},
  last: null,
  lastGood: null,
  lastFullStartedAt: null,
  failures: 0,
  failingSince: null,
  degradedSince: null,
};

/** Whether runs of this request say something of how fresh records are. */
function follows({ range, rederive, replay }: RunRequest): boolean {
  return range === null && !rederive && replay !== true;
}

/**
 * The state of a credential after one of its runs ended. A storage calls it in the transaction that ends the run.
 *
 * @param before - Of the same tenant; `null` if there is none.
 * @returns `null` if the run changes nothing in it.
 */
export function stateAfterRun(
  before: RunsState | null,
  run: Pick<StoredRun, "id" | "request" | "status" | "startedAt" | "completedAt" | "error">,
  completeness: Completeness,
): RunsState | null {
  const { status, completedAt } = run;
  const isEnd = status === "completed" || status === "partial" || status === "failed";
  if (!isEnd || completedAt === null || !follows(run.request)) return null;
  const last: EndedRun = {
    runId: run.id,
    status,
    startedAt: run.startedAt,
    endedAt: completedAt,
    errorCode: run.error?.code ?? null,
  };
  const state = before ?? noRunsState;
  if (status === "failed") {
    return {
      ...state,
      last,
      failures: state.failures + 1,
      failingSince: state.failingSince ?? completedAt,
    };
  }
  return {
    data: { ...state.data, ...freshnessAfter(state.data, completeness, last) },
    last,
    lastGood: last,
    lastFullStartedAt:
      run.request.mode === "full" || state.lastGood === null ? run.startedAt : state.lastFullStartedAt,
    failures: 0,
    failingSince: null,
    degradedSince: status === "completed" ? null : (state.degradedSince ?? completedAt),
  };
}

/** The time up to which everything of a credential is fresh: the oldest of its data types. `null` if none is known. */
export function stalest({ data }: Pick<RunsState, "data">): number | null {
  const known = Object.values(data).map(({ freshAsOf }) => freshAsOf);
  if (known.length === 0 || known.includes(null)) return null;
  return Math.min(...known.map((time) => time ?? 0));
}

function freshnessAfter(
  before: RunsState["data"],
  completeness: Completeness,
  { status, startedAt, endedAt }: EndedRun,
): RunsState["data"] {
  return Object.fromEntries(
    Object.entries(completeness).map(([data, complete]): readonly [string, DataFreshness] => [
      data,
      {
        ...freshnessOf(before[data] ?? null, complete),
        // A partial run says so itself.
        ...(status === "completed" && uncertaintyOf(complete)),
        lastGoodStartedAt: startedAt,
        lastGoodEndedAt: endedAt,
      },
    ]),
  );
}

function uncertaintyOf({ feeds, readUpTo, missing }: TypeCompleteness): Pick<DataFreshness, "uncertain"> {
  const uncertain = feeds.filter((feed) => !missing.includes(feed) && readUpTo[feed] === undefined);
  return uncertain.length === 0 ? {} : { uncertain };
}

function freshnessOf(
  before: DataFreshness | null,
  { feeds, readUpTo, missing }: TypeCompleteness,
): Pick<DataFreshness, "freshAsOf" | "feeds" | "missing"> {
  const needed = feeds.filter((feed) => !missing.includes(feed));
  const times = needed.map((feed) => readUpTo[feed] ?? null);
  // A feed that could not be read for now holds back what it belongs to.
  const found =
    times.includes(null) || times.length === 0 ? null : Math.min(...times.map((time) => time ?? 0));
  const earlier = before?.freshAsOf ?? null;
  const freshAsOf = found === null || (earlier !== null && earlier > found) ? earlier : found;
  if (freshAsOf === null) return { freshAsOf, feeds: [], missing };
  // One that was missing is so until it was read that far: this run may have read it less far than an earlier one read
  // the others, and a feed that an update of the program has added was never read.
  const isCovered = (feed: string): boolean =>
    (readUpTo[feed] ?? Number.NEGATIVE_INFINITY) >= freshAsOf ||
    (freshAsOf === earlier && before?.feeds.includes(feed) === true);
  const covered = needed.filter(isCovered);
  return { freshAsOf, feeds: covered, missing: feeds.filter((feed) => !covered.includes(feed)) };
}
