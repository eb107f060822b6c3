import { runHostQueue } from "./run-host-queue.js";

await runHostQueue(console.log);
