import { throwIfAborted } from "../async/aborted.js";
import type { DeliveredRecord } from "../ports/delivery-store.js";
import type { RecordSinkObject } from "../ports/record-sink.js";
import type { HeldRecord } from "../ports/sink-reader.js";
import type { Storage } from "../ports/storage.js";
import type { TenantScope } from "../ports/tenant.js";
import type { RecordType } from "../records/record.js";
import { type FoundDifference, Tally } from "./difference.js";

const step = 2000;
const hint = "A full sync delivers differing records again, and removes records that only the sink has.";

/** What was delivered, by the storage and by the sink: both ways, so that neither can know of more unseen. */
export async function compareSink(
  storage: Pick<Storage, "listDeliveredRecords" | "findDeliveredRecords">,
  sink: RecordSinkObject,
  scope: TenantScope,
  record: RecordType,
  signal: AbortSignal,
): Promise<readonly FoundDifference[]> {
  const { reader } = sink;
  const subject = `${record} records`;
  if (reader === undefined) return [notReadable(subject)];
  const [lacks, differs, hasMore] = [new Tally(), new Tally(), new Tally()];

  for (let after: string | null = null; ; ) {
    throwIfAborted(signal);
    const page: readonly DeliveredRecord[] = await storage.listDeliveredRecords({
      scope,
      record,
      after,
      limit: step,
    });
    after = page.at(-1)?.id ?? null;
    if (after === null) break;
    const current = page.filter(({ removed }) => !removed);
    const keys = current.map(({ id }) => id);
    const held = await reader.find({ scope, record, keys }, { signal });
    const revisions = new Map(held.map(({ key, revision }) => [key, revision]));
    lacks.add(keys.filter((key) => !revisions.has(key)));
    differs.add(
      current.filter(({ id, revision }) => (revisions.get(id) ?? revision) !== revision).map(({ id }) => id),
    );
  }

  for (let after: string | null = null; ; ) {
    throwIfAborted(signal);
    const page: readonly HeldRecord[] = await reader.list({ scope, record, after, limit: step }, { signal });
    after = page.at(-1)?.key ?? null;
    if (after === null) break;
    const keys = page.map(({ key }) => key);
    const delivered = await storage.findDeliveredRecords({ scope, record, ids: keys });
    const current = new Set(delivered.filter(({ removed }) => !removed).map(({ id }) => id));
    hasMore.add(keys.filter((key) => !current.has(key)));
  }

  return [
    ...found("SINK_LACKS", subject, `${lacks.count} delivered ${subject} are not in the sink.`, lacks),
    ...found(
      "SINK_DIFFERS",
      subject,
      `${differs.count} ${subject} are in the sink at a revision other than the delivered one.`,
      differs,
    ),
    ...found(
      "SINK_HAS_MORE",
      subject,
      `The sink has ${hasMore.count} ${subject} that were never delivered to it or were removed.`,
      hasMore,
    ),
  ];
}

function found(
  code: FoundDifference["code"],
  subject: string,
  message: string,
  { count, examples }: Tally,
): readonly FoundDifference[] {
  return count === 0
    ? []
    : [{ code, level: "problem", subject, message, hint, counts: { records: count }, examples }];
}

function notReadable(subject: string): FoundDifference {
  return {
    code: "SINK_NOT_READABLE",
    level: "note",
    subject,
    message: `The sink cannot be read back: ${subject} were not compared with it.`,
    hint: null,
  };
}
