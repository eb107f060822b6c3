import { createSimulator, type SimulatorOptions, startSimulatorServer } from "@titan-sync/simulator";
import type { Answer, Question } from "./stage/source-process.js";

// Serves a simulator for as long as whoever started this is connected.

const simulator = createSimulator(JSON.parse(process.argv[2] ?? "{}") as SimulatorOptions);
const { url } = await startSimulatorServer(simulator);
const { tenants } = simulator;
const [tenant] = tenants;
if (tenant === undefined) throw new RangeError("The simulator has no tenant.");

const tell = (answer: Answer): boolean | undefined => process.send?.(answer);
let seed = 0;

process.on("message", (question: Question) => {
  if (question.ask === "counters") {
    tell({ tell: "counters", counters: simulator.counters() });
    simulator.resetCounters();
    return;
  }
  seed += 1;
  simulator.mutateRandomly({ count: question.count, seed });
  tell({ tell: "changed" });
});
process.on("disconnect", () => process.exit(0));
tell({ tell: "ready", url, tenant, tenants });
