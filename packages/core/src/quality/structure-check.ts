import { createHash } from "node:crypto";
import type { z } from "zod";
import type { Feed } from "../feeds/feed.js";
import type { NewEntity, NewRejection } from "../ports/sync-store.js";
import { normaliseInstant } from "../records/instant.js";

/** A page's rows, ready to land. */
export interface CheckedRows {
  /** Ascending by id as a number, each id once. */
  readonly entities: readonly NewEntity[];
  readonly rejections: readonly NewRejection[];
  /** Rows that another row of the same page replaces. */
  readonly repeated: number;
}

/** Checks the structure of rows. Those that fail become rejections; the others go on. */
export function checkRows(feed: Feed, rows: readonly unknown[]): CheckedRows {
  const entities = new Map<number, NewEntity>();
  const rejections = new Map<string, NewRejection>();
  let repeated = 0;
  for (const row of rows) {
    const parsed = feed.schema.safeParse(row);
    if (!parsed.success) {
      const rejection = toRejection(feed, row, parsed.error);
      if (rejections.has(rejection.entityId)) repeated += 1;
      rejections.set(rejection.entityId, rejection);
      continue;
    }
    const { id } = parsed.data as { id: number };
    const entity = toEntity(feed, id, row, parsed.data);
    const other = entities.get(id);
    if (other !== undefined) repeated += 1;
    if (other === undefined || !isOlder(entity, other)) entities.set(id, entity);
  }
  const ascending = [...entities].sort(([left], [right]) => left - right).map(([, entity]) => entity);
  return { entities: ascending, rejections: [...rejections.values()], repeated };
}

function toEntity(feed: Feed, id: number, row: unknown, parsed: unknown): NewEntity {
  const payload = JSON.stringify(row);
  const { modifiedOn } = parsed as { modifiedOn?: string | null };
  return {
    id: String(id),
    payload,
    contentHash: createHash("sha256").update(payload).digest("base64"),
    modifiedOn: normaliseInstant(modifiedOn ?? null),
    links: feed.links.map((link) => link.id(parsed as never)),
  };
}

/** Of two rows with the same time the later read one wins. */
function isOlder(entity: NewEntity, other: NewEntity): boolean {
  return (entity.modifiedOn ?? "") < (other.modifiedOn ?? "");
}

function toRejection(feed: Feed, row: unknown, error: z.ZodError): NewRejection {
  const payload = JSON.stringify(row) ?? null;
  const faults = error.issues.map((issue) => `${issue.path.join(".") || "row"}: ${faultOf(issue)}`);
  return {
    feed: feed.name,
    entityId:
      idOf(row) ??
      `unknown-${createHash("sha256")
        .update(payload ?? "")
        .digest("hex")
        .slice(0, 16)}`,
    stage: "structure",
    rules: ["structure"],
    message: `Not the documented structure: ${faults.join("; ")}.`,
    payload,
  };
}

/** Zod's own texts may repeat values. */
function faultOf(issue: z.core.$ZodIssue): string {
  return issue.code === "invalid_type" ? `expected ${issue.expected}` : "not acceptable";
}

/** Also an id too large for a number is text in a rejection, as JSON parsing left it. */
function idOf(row: unknown): string | null {
  if (typeof row !== "object" || row === null || !("id" in row)) return null;
  const { id } = row;
  return (typeof id === "number" || typeof id === "string") && /^\d{1,19}$/.test(String(id))
    ? String(id)
    : null;
}
