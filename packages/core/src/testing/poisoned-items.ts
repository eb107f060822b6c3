import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { BatchItem, RecordBatch, RecordSinkObject, SinkAnswer } from "../ports/record-sink.js";
import type { TenantScope } from "../ports/tenant.js";
import type { MemberRecord } from "../records/record.js";
import { writeWithoutRefused } from "../sync/sink/write-without-refused.js";
import { memberRecord, upsert } from "./sample-records.js";

/** Changes a member so that the sink refuses it, but not its `customer_id` and `customer_name`. */
export type Poison = (record: MemberRecord) => MemberRecord;

/** Calls work inside a transaction of the storage. */
export type Transact = (work: (transaction: unknown) => Promise<void>) => Promise<void>;

const count = 40;
const poisonedPlaces: readonly number[] = [0, 7, 8, 31];

/** Members, a few of which the sink has to refuse, and the ids of both kinds. */
export function poisonedItems(
  scope: TenantScope,
  poison: Poison,
): {
  readonly items: readonly BatchItem[];
  readonly good: readonly string[];
  readonly bad: readonly string[];
} {
  const ids = Array.from({ length: count }, (_, place) => String(place + 1));
  const isBad = (_id: string, place: number): boolean => poisonedPlaces.includes(place);
  return {
    items: ids.map((id, place) => {
      const record = memberRecord(scope, id, `name ${id}`);
      return upsert(isBad(id, place) ? poison(record) : record, 1);
    }),
    good: ids.filter((id, place) => !isBad(id, place)),
    bad: ids.filter(isBad),
  };
}

/** Writes a batch as the engine does inside a transaction: in parts, if the sink refuses it. */
export async function writeInParts(
  sink: RecordSinkObject,
  transact: Transact,
  batch: RecordBatch,
  context: Parameters<RecordSinkObject["write"]>[1],
): Promise<SinkAnswer> {
  return await writeWithoutRefused(batch.items, async (items) => {
    const part = items === batch.items ? batch : { ...batch, id: randomUUID(), items };
    let answer: SinkAnswer | undefined;
    await transact(async (transaction) => {
      answer = await sink.writeIn?.(transaction, part, context);
    });
    return answer ?? { rejected: [] };
  });
}

/** Checks that an answer refuses exactly these keys, each with a reason. */
export function expectRefused({ rejected }: SinkAnswer, keys: readonly string[]): void {
  expect(rejected.map(({ key }) => key).toSorted()).toEqual([...keys].toSorted());
  for (const { reason } of rejected) expect(reason).toMatch(/\S/);
}
