/** The folders of core and the files at its top, each of which imports only what stands before it. */
export const coreRooms: readonly string[] = [
  "errors.ts",
  "conflicts.ts",
  "check-request.ts",
  "json",
  "feeds",
  "records",
  "ports",
  "paging",
  "async",
  "ledger",
  "crypto",
  "audit",
  "telemetry",
  "http",
  "suppressions",
  "credentials",
  "extract",
  "quality",
  "progress",
  "sinks",
  "job-queue",
  "memory",
  "companies",
  "sync/sink",
  "sync/run",
  "sync/deliver",
  "sync/derive",
  "sync/read",
  "dry-run",
  "sync",
  "erasure",
  "retention",
  "schedules",
  "status",
  "alerts",
  "consistency",
  "reconcile",
  "titan-sync-options.ts",
  "check-options.ts",
  "titan-sync.ts",
  "workers",
  "support",
  "testing",
  "index.ts",
];

interface TypeCircle {
  readonly from: string;
  readonly to: string;
  readonly because: string;
}

/** Types that a room names of a later one. Values never go this way. */
export const typeCircles: readonly TypeCircle[] = [
  {
    from: "records",
    to: "ports",
    because: "ports carry records, and a record's definition says in the port's words what a change touches",
  },
];

/** The room of a path below core's `src`: the longest that is listed, or its first part. */
export function roomOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  const inner = `${first}/${second}`;
  return coreRooms.includes(inner) ? inner : first;
}

/** `null` when one room may import the other. */
export function wayBack(from: string, to: string, typeOnly: boolean): string | null {
  if (from === to) return null;
  if (!coreRooms.includes(from)) return `${from} has no place in test/architecture/core-rooms.ts`;
  if (coreRooms.indexOf(to) < coreRooms.indexOf(from)) return null;
  if (typeOnly && typeCircles.some((circle) => circle.from === from && circle.to === to)) return null;
  return `${from} stands before ${to} in test/architecture/core-rooms.ts`;
}
