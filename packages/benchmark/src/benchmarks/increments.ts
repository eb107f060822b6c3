import type { Figures, Setting } from "../measure/benchmark.js";
import { median } from "../measure/medians.js";
import { type Effort, timed } from "../measure/timed.js";
import { connect } from "../stage/connect.js";
import { withSimulator } from "../stage/source-process.js";
import type { WithStores } from "../stage/stores.js";

export const changes = 100;
/** Syncs after the first one of changes, which is not measured. */
export const syncs = 7;

/** Syncs everything, then again and again the changes of as many entities. */
export async function measureIncrements(
  { scale }: Setting,
  rows: number,
  withStores: WithStores,
): Promise<Figures> {
  const count = Math.round(rows * scale);
  const tenant = { customers: count, invoices: count };
  const simulator = { tenants: [tenant], exportPageSize: 5000, exportLagMs: 0, rateLimitPerSecond: null };
  return await withSimulator(simulator, (source) =>
    withStores(async ({ storage, sink, settle }) => {
      const { sync } = await connect(source, { storage, sink });
      await sync();
      await settle();
      const efforts: Effort[] = [];
      for (let run = 0; run <= syncs; run += 1) {
        await source.change(changes);
        const effort = await timed(() => sync());
        if (run > 0) efforts.push(effort);
      }
      await source.counters();
      const idle = await timed(() => sync());
      const { requests } = await source.counters();
      return {
        ms: median(efforts.map((effort) => effort.ms)),
        cpuMs: median(efforts.map((effort) => effort.cpuMs)),
        idleMs: idle.ms,
        idleCpuMs: idle.cpuMs,
        idleRequests: requests,
      };
    }),
  );
}
