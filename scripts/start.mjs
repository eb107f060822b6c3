// `npm start`: installs, builds and runs the demonstration.

import { runProgram } from "./lib/run-program.mjs";

process.exitCode = await runProgram(["demo", ...process.argv.slice(2)]);
