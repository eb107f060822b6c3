import { describeJobQueue, manualClock } from "@titan-sync/core/testing";
import { postgresStorage } from "@titan-sync/postgres";
import { openDatabase } from "@titan-sync/postgres/support";
import { createQueueDatabase } from "./__fixtures__/queue-database.js";
import { pgBossJobQueue } from "./pg-boss-job-queue.js";

describeJobQueue({
  name: "job queue on pg-boss",
  histories: 150,
  setup: async () => {
    const clock = manualClock();
    const { pool, drop } = await createQueueDatabase();
    const storage = postgresStorage({ pool });
    const queues = [
      pgBossJobQueue({ pool, storage, clock }),
      pgBossJobQueue({ pool, storage, clock }),
    ] as const;
    const database = openDatabase({ pool });
    return {
      storage,
      queues,
      now: clock.now,
      passTime: clock.advance,
      transaction: (work) => database.transaction((open) => work(open)),
      async close() {
        for (const queue of queues) await queue.close();
        database.close();
        await storage.close();
        await drop();
      },
    };
  },
});
