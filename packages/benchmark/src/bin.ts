import { resolve } from "node:path";
import { type Command, parseCommand, usage } from "./arguments.js";
import { writeSection } from "./report/section.js";
import { runBenchmark } from "./run-benchmark.js";

const badUsage = 2;

async function main(parameters: readonly string[]): Promise<number> {
  let command: Command;
  try {
    command = parseCommand(parameters);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return badUsage;
  }
  const { rounds, scale, minutes, out } = command;
  for (const benchmark of command.benchmarks) {
    const options = [
      benchmark.name,
      ...(rounds === null ? [] : [`--rounds ${rounds}`]),
      ...(scale === 1 ? [] : [`--scale ${scale}`]),
      ...(minutes === null ? [] : [`--minutes ${minutes}`]),
    ];
    const section = await runBenchmark(benchmark, {
      rounds: rounds ?? benchmark.rounds,
      scale,
      minutes,
      command: `npm run bench -- ${options.join(" ")}`,
      note: (text) => process.stderr.write(`${text}\n`),
    });
    process.stdout.write(`${section}\n\n`);
    if (out !== null) await writeSection(resolve(out), benchmark.name, section);
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
