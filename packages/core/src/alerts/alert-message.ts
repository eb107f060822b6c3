import { isoTime } from "../json/iso-time.js";
import type { AlertIncident, AlertSeverity, StoredAlert } from "../ports/alert-store.js";
import { adviceOf, describeFigures, problemOf } from "./alert-kinds.js";
import type { Observation } from "./observation.js";

/**
 * Why a message is sent: an incident began, became critical, was not acknowledged in time, goes on for another day, or is
 * over; or somebody tests a channel.
 */
export type AlertMessageType = "firing" | "worse" | "escalation" | "reminder" | "recovered" | "test";

/** A message as channels show it, and webhooks send it. No row data, no secret, no tenant id. */
export interface AlertMessage {
  readonly key: string;
  readonly type: AlertMessageType;
  /** `null` for a test. */
  readonly incidentId: string | null;
  readonly kind: string;
  readonly severity: AlertSeverity;
  /** One line. */
  readonly title: string;
  /** One line for each company, 20 at most, or for the platform. */
  readonly lines: readonly string[];
  /** Of which companies, in order; 20 at most. */
  readonly companies: readonly string[];
  /** How many companies there are. */
  readonly affected: number;
  /** What to do; empty once it is over. */
  readonly advice: string;
  /** Where to see more. */
  readonly link: string | null;
  /** ISO 8601 in UTC. */
  readonly since: string;
  readonly at: string;
}

const mostCompanies = 20;

export interface ComposeParams {
  readonly key: string;
  readonly type: AlertMessageType;
  readonly incident: AlertIncident;
  /** Those of the incident. */
  readonly alerts: readonly StoredAlert[];
  readonly seen: Observation;
  readonly link: string | null;
}

export function composeMessage({ key, type, incident, alerts, seen, link }: ComposeParams): AlertMessage {
  const isOver = type === "recovered";
  const shown = isOver ? alerts : alerts.filter(({ clearSince }) => clearSince === null);
  const companies = [...new Set(shown.flatMap(({ companyId }) => companyId ?? []))].sort();
  const since = Math.min(incident.openedAt, ...alerts.map((alert) => alert.since));
  const figuresOf = (alert: StoredAlert): string => {
    if (!isOver) return describeFigures(alert.figures);
    const { reason, figures } = seen.endingOf(alert);
    return [reason, describeFigures(figures)].filter((text) => text !== "").join(", ");
  };
  return {
    key,
    type,
    incidentId: incident.id,
    kind: incident.kind,
    severity: incident.severity,
    title: titleOf({ type, incident, companies, total: seen.companies, ms: seen.at - since }),
    lines: [...shown]
      .sort((left, right) => ((left.companyId ?? "") < (right.companyId ?? "") ? -1 : 1))
      .slice(0, mostCompanies)
      .map((alert) => lineOf(alert.companyId, figuresOf(alert)))
      .filter((line) => line !== ""),
    companies: companies.slice(0, mostCompanies),
    affected: companies.length,
    advice: isOver ? "" : adviceOf(incident.kind),
    link,
    since: isoTime(since),
    at: isoTime(seen.at),
  };
}

/** The message that tests a channel. */
export function testMessage({ key, at }: { readonly key: string; readonly at: number }): AlertMessage {
  return {
    ...{ key, type: "test", incidentId: null, kind: "test", severity: "warning", lines: [], companies: [] },
    title: "Titan Sync will send its alerts here",
    affected: 0,
    advice: "Nothing is wrong: somebody tested this channel.",
    link: null,
    since: isoTime(at),
    at: isoTime(at),
  };
}

interface TitleParams {
  readonly type: AlertMessageType;
  readonly incident: AlertIncident;
  readonly companies: readonly string[];
  readonly total: number;
  /** How long it has been so. */
  readonly ms: number;
}

function titleOf({ type, incident, companies, total, ms }: TitleParams): string {
  const problem = problemOf(incident.kind, incident.cause);
  const many = `${companies.length} of ${Math.max(total, companies.length)} companies`;
  const whose = companies.length > 1 ? many : companies[0];
  const what = whose === undefined ? capitalized(problem) : `${whose}: ${problem}`;
  const prefixes: Readonly<Record<AlertMessageType, string>> = {
    firing: "",
    worse: "Critical now: ",
    escalation: `Not acknowledged after ${durationText(ms)}: `,
    reminder: `Still so after ${durationText(ms)}: `,
    recovered: `Over after ${durationText(ms)}: `,
    test: "",
  };
  return `${prefixes[type]}${what}`;
}

function lineOf(companyId: string | null, figures: string): string {
  if (companyId === null) return capitalized(figures);
  return figures === "" ? companyId : `${companyId}: ${figures}`;
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

const units = [
  { name: "day", ms: 86_400_000 },
  { name: "hour", ms: 3_600_000 },
  { name: "minute", ms: 60_000 },
] as const;

/** The two largest units: "2 days 3 hours". */
export function durationText(ms: number): string {
  let left = Math.max(60_000, ms);
  const parts: string[] = [];
  for (const unit of units) {
    const count = Math.floor(left / unit.ms);
    left -= count * unit.ms;
    if (count > 0) parts.push(`${count} ${unit.name}${count === 1 ? "" : "s"}`);
  }
  return parts.slice(0, 2).join(" ");
}
