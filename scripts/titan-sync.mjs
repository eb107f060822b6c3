// `npm run titan-sync -- <command>`: the program out of this checkout, built from what is in it now.

import { runProgram } from "./lib/run-program.mjs";

process.exitCode = await runProgram(process.argv.slice(2));
