import type { Figures, Setting } from "../measure/benchmark.js";
import { timed } from "../measure/timed.js";
import { connect } from "../stage/connect.js";
import { withHost } from "../stage/source-process.js";
import type { WithStores } from "../stage/stores.js";

/** The heap of first loads that are measured for their memory, in MB. */
export const heapMb = 256;
export const heapArguments: readonly string[] = [`--max-old-space-size=${heapMb}`];

/** A first sync of endless rows, 5000 a page. Half of the records are customers, half are invoices. */
export async function measureFirstLoad(
  { scale }: Setting,
  records: number,
  withStores: WithStores,
): Promise<Figures> {
  const count = Math.round((records * scale) / 2);
  const options = { customers: count, invoices: count, pageSize: 5000 };
  return await withHost("multiplied-host.js", options, (source) =>
    withStores(async ({ storage, sink }) => {
      const { sync } = await connect(source, { storage, sink, parallelBackfill: false });
      let derived = 0;
      const effort = await timed(async () => {
        derived = (await sync()).ledger.processed;
      });
      return { ...effort, derived };
    }),
  );
}
