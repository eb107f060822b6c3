import type { Clock } from "../ports/clock.js";
import type { WorkerBeat, WorkerRegistry } from "../ports/worker-registry.js";
import { compareText } from "./compare-ids.js";

const forgottenAfterMs = 86_400_000;

interface Row extends WorkerBeat {
  readonly startedAt: number;
  readonly beatAt: number;
}

export function memoryWorkers(clock: Clock): WorkerRegistry {
  const rows = new Map<string, Row>();
  return {
    async beatWorker({ id, host, pid, version, name, slots, busy, isClosing }) {
      const beatAt = clock.now();
      const startedAt = rows.get(id)?.startedAt ?? beatAt;
      for (const row of rows.values()) if (beatAt - row.beatAt > forgottenAfterMs) rows.delete(row.id);
      rows.set(id, { id, host, pid, version, name, slots, busy, isClosing, startedAt, beatAt });
    },
    forgetWorker: async (id) => void rows.delete(id),
    async listWorkers() {
      const now = clock.now();
      return [...rows.values()]
        .sort((left, right) => compareText(left.name, right.name) || compareText(left.id, right.id))
        .map((row) => ({ ...row, silentMs: now - row.beatAt }));
    },
  };
}
