import { runOwnRecords } from "./run-own-records.js";

await runOwnRecords(console.log);
