import {
  type CredentialSummary,
  credentialJson,
  type DailyRunMetrics,
  isoTime,
  type Page,
} from "@titan-sync/core";
import { isUnderWay } from "../events/run-difference.js";
import { runBody } from "../runs/run-body.js";
import type { DashboardBody, DashboardDay } from "../schemas/watch.js";
import type { Services } from "./services.js";

const dayMs = 24 * 60 * 60 * 1000;
const trendDays = 30;

/** What the dashboard shows of a page of credentials. */
export async function dashboardBody(
  { titan: { runs, schedules }, clock }: Pick<Services, "titan" | "clock">,
  page: Page<CredentialSummary>,
): Promise<DashboardBody> {
  const now = clock.now();
  const days = lastDays(now);
  const credentialIds = page.items.map((credential) => credential.id);
  const from = Date.parse(days[0] ?? isoTime(now));
  const measured = await runs.dailyMetrics({ credentialIds, from, to: now + dayMs });

  async function entryOf(credential: CredentialSummary): Promise<DashboardBody["items"][number]> {
    const { id: credentialId, companyId } = credential;
    const [{ items: newest }, schedule] = await Promise.all([
      runs.list({ companyId, credentialId }, { limit: 2 }),
      schedules.find(credentialId),
    ]);
    const current = newest.find((run) => isUnderWay(run.status)) ?? null;
    const last = newest.find((run) => run.completedAt !== null) ?? null;
    return {
      credential: credentialJson(credential),
      current: current === null ? null : runBody(current),
      last: last === null ? null : runBody(last),
      nextRunAt: isoTime(schedule?.nextRunAt ?? null),
      trend: days.map((day) =>
        dayOf(
          day,
          measured.find((row) => row.day === day && row.credentialId === credentialId),
        ),
      ),
      warnings: [...((current ?? last)?.warnings ?? [])],
    };
  }

  const items = await Promise.all(page.items.map(entryOf));
  return { generatedAt: isoTime(now), totals: totalsOf(items), items, next: page.next };
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
