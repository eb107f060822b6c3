import {
  type CredentialStateFilter,
  type CredentialStatus,
  type CredentialSummary,
  credentialJson,
  type DailyRunMetrics,
  isoTime,
  type PageRequest,
  type StoredRun,
} from "@titan-sync/core";
import { runBody } from "../runs/run-body.js";
import type { DashboardBody, DashboardDay } from "../schemas/watch.js";
import type { Services } from "./services.js";
import { statusBody, summaryBody } from "./status.js";

const dayMs = 24 * 60 * 60 * 1000;
const trendDays = 30;

/** What the dashboard shows of a page of credentials, the stalest first. */
export async function dashboardBody(
  { titan: { credentials, runs, status }, clock }: Pick<Services, "titan" | "clock">,
  filter: CredentialStateFilter,
  request: PageRequest,
): Promise<DashboardBody> {
  const [page, summary] = await Promise.all([status.list(filter, request), status.summary(filter)]);
  const now = clock.now();
  const days = lastDays(now);
  const credentialIds = page.items.map(({ credentialId }) => credentialId);
  const from = Date.parse(days[0] ?? isoTime(now));
  const measured = await runs.dailyMetrics({ credentialIds, from, to: now + dayMs });

  async function entryOf(stands: CredentialStatus): Promise<readonly DashboardBody["items"][number][]> {
    const { credentialId, running } = stands;
    const [credential, current, last] = await Promise.all([
      credentials.find(credentialId),
      running === null || running.status === "paused" ? null : runs.find(running.runId),
      lastEnded(credentialId),
    ]);
    // It was removed since.
    if (credential === null) return [];
    return [
      {
        credential: credentialJson(credential),
        status: statusBody(stands),
        current: current === null ? null : runBody(current),
        last: last === null ? null : runBody(last),
        nextRunAt: isoTime(stands.nextRunAt),
        trend: days.map((day) =>
          dayOf(
            day,
            measured.find((row) => row.day === day && row.credentialId === credentialId),
          ),
        ),
        warnings: [...((current ?? last)?.warnings ?? [])],
      },
    ];
  }

  async function lastEnded(credentialId: string): Promise<StoredRun | null> {
    const { items } = await runs.list({ credentialId }, { limit: 2 });
    return items.find((run) => run.completedAt !== null) ?? null;
  }

  const items = (await Promise.all(page.items.map(entryOf))).flat();
  return {
    generatedAt: isoTime(now),
    summary: summaryBody(summary),
    totals: totalsOf(items),
    items,
    next: page.next,
  };
}

/** Days in UTC, the oldest first. */
function lastDays(now: number): readonly string[] {
  return Array.from({ length: trendDays }, (_none, index) =>
    isoTime(now - (trendDays - 1 - index) * dayMs).slice(0, 10),
  );
}

function dayOf(day: string, measured: DailyRunMetrics | undefined): DashboardDay {
  const {
    runs = 0,
    succeeded = 0,
    rowsRead = 0,
    derived = 0,
    rejected = 0,
    p50DurationMs = null,
  } = measured ?? {};
  const rejectedShare = derived === 0 ? null : rejected / derived;
  return { day, runs, succeeded, rowsRead, derived, rejected, rejectedShare, p50DurationMs };
}

function totalsOf(items: DashboardBody["items"]): DashboardBody["totals"] {
  const days = items.flatMap((item) => item.trend);
  const sum = (figure: "runs" | "rowsRead" | "derived" | "rejected"): number =>
    days.reduce((total, day) => total + day[figure], 0);
  const withStatus = (status: CredentialSummary["status"]): number =>
    items.filter(({ credential }) => credential.status === status).length;
  return {
    credentials: items.length,
    connected: withStatus("connected"),
    pending: withStatus("pending"),
    errors: withStatus("error"),
    running: items.filter(({ current }) => current !== null).length,
    runs: sum("runs"),
    rowsRead: sum("rowsRead"),
    derived: sum("derived"),
    rejected: sum("rejected"),
  };
}
