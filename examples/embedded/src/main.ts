import { runEmbedded } from "./run-embedded.js";

await runEmbedded(console.log);
