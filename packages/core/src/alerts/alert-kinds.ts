import type { AlertFigures } from "../ports/alert-store.js";

/** What is known of a kind of alert, whoever it is about. */
export interface AlertKindDefinition {
  /** Whether it is about a credential, or about the platform as a whole. */
  readonly about: "credential" | "platform";
  /** What is wrong, for one or several companies; the end of a title. */
  readonly problem: string;
  /** What to do. */
  readonly advice: string;
}

const credential = (problem: string, advice: string): AlertKindDefinition => ({
  about: "credential",
  problem,
  advice,
});
const platform = (problem: string, advice: string): AlertKindDefinition => ({
  about: "platform",
  problem,
  advice,
});

/** Every kind of alert. */
export const alertKinds = {
  refused: credential(
    "ServiceTitan refuses the credential",
    "Compare client id, client secret, app key and tenant with ServiceTitan, change the credential if needed, and test the connection. Nothing is tried before that.",
  ),
  failing: credential(
    "syncs fail",
    "Look at the error of the last run and its hint. Syncs go on trying on schedule.",
  ),
  late: credential(
    "no sync has completed in time",
    "Look for a run in progress, the last error and the queue. The data is as old as the last good sync.",
  ),
  degraded: credential(
    "syncs have been partial for a day",
    "Look at the warnings of the last run: some columns keep earlier values.",
  ),
  "rejections-up": credential(
    "far more records are rejected than usual",
    "Look at the rejections by rule. Fix the data in ServiceTitan, or change the rules or the mapping; then replay them.",
  ),
  "volume-down": credential(
    "far fewer rows arrived than on the same day of earlier weeks",
    "Ask the company whether it was closed. If not, look for feeds that are missing or refused.",
  ),
  "removals-held-back": credential(
    "a full sync would have removed an unusual share of the entities and did not",
    "Check in ServiceTitan whether they are really gone. If so, run a full sync that allows removals.",
  ),
  drift: credential(
    "documented fields of ServiceTitan are missing or have changed",
    "Look at the warning for the fields. Update Titan Sync, or map the columns from other fields.",
  ),
  "reconcile-differs": credential(
    "a report of ServiceTitan and the delivered records differ",
    "Look at the differences that the comparison listed, and run a full sync if they are not explained.",
  ),
  "no-worker": platform("no worker is running", 'Start one with "titan-sync worker" or "titan-sync serve".'),
  "scheduler-silent": platform(
    "no scheduler is running",
    'Look at the log of a worker or server, and start one with "titan-sync worker" if none runs.',
  ),
  "queue-old": platform(
    "syncs wait too long in the queue",
    "Start more workers, raise their concurrency, or look for runs that hang.",
  ),
  "database-unreachable": platform(
    "the database does not answer",
    "Look at the database and the network to it. Syncs continue by themselves once it answers.",
  ),
  "database-full": platform("the database is almost full", "Make room, or prune history."),
  "clock-off": platform(
    "the clock of this machine and that of the database differ",
    "Set both by a time server.",
  ),
  "key-old": platform(
    "the encryption key is old",
    'Add a new key, and rotate to it with "titan-sync keys rotate".',
  ),
  "notifications-failing": platform(
    "messages about alerts cannot be delivered",
    "Test the channels, and look at their last error.",
  ),
} as const satisfies Readonly<Record<string, AlertKindDefinition>>;

export type AlertKind = keyof typeof alertKinds;

export function isAlertKind(kind: string): kind is AlertKind {
  return Object.hasOwn(alertKinds, kind);
}

/** The kinds whose condition somebody reports, instead of being seen in the storage at each tick. */
export const reportedKinds: readonly AlertKind[] = ["reconcile-differs"];

/** What is wrong, of kinds that the evaluator does not know too. */
export function problemOf(kind: string, cause: string): string {
  if (kind === "failing") return failureProblems[cause] ?? `syncs fail with ${cause}`;
  return isAlertKind(kind) ? alertKinds[kind].problem : kind;
}

export function adviceOf(kind: string): string {
  return isAlertKind(kind) ? alertKinds[kind].advice : "";
}

const notAnswering = "the API does not answer";

/** What a failure means, by the code of its error. */
const failureProblems: Readonly<Record<string, string>> = {
  API_UNAVAILABLE: notAnswering,
  NETWORK: notAnswering,
  TIMEOUT: notAnswering,
  CIRCUIT_OPEN: notAnswering,
  API_RATE_LIMITED: "the API throttles the requests",
  API_RESPONSE: "the API answers with errors",
  AUTH_TOKEN_REQUEST: "no access token could be obtained",
  STORAGE: "the database refuses or does not answer",
  SINK: "the sink does not accept the records",
  WORKER_LOST: "the worker was lost",
  DATA_DRIFT: "documented fields are missing from the API",
};

/**
 * Failures with the same cause are announced together: an outage of the API shows as several codes.
 * @param code - Of a run's error.
 */
export function causeOfFailure(code: string | null): string {
  if (code === null) return "UNKNOWN";
  return failureProblems[code] === notAnswering ? "API_UNAVAILABLE" : code;
}

/** Figures as text: "failures 3, last error NETWORK". */
export function describeFigures(figures: AlertFigures): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}
