// Performs the built program's commands in one process, each with its own environment, directory and streams, which is
// all that a command knows of its process.

import process from "node:process";
import { Readable, Writable } from "node:stream";

// The compiler must not look into what is built, which may not be there.
const built = new URL("../../packages/runner/dist/index.js", import.meta.url).href;
/** @type {typeof import("../../packages/runner/src/index.js")} */
const { runTitanSync } = await import(built);

/** A stream that keeps what is written to it. */
function keeping() {
  /** @type {Buffer[]} */
  const chunks = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString("utf8") };
}

/** @param {import("./hosted-program.js").HostedCommand} command */
async function perform({ args, workingDirectory, environment, input }) {
  const [stdout, stderr] = [keeping(), keeping()];
  const exitCode = await runTitanSync({
    argv: args,
    environment,
    workingDirectory,
    stdin: Readable.from(input === "" ? [] : [Buffer.from(input)]),
    stdout: stdout.stream,
    stderr: stderr.stream,
  });
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

// Whoever sends commands is gone: nothing is left running.
process.on("disconnect", () => process.exit());
process.on("message", async (command) => {
  process.send?.(await perform(/** @type {import("./hosted-program.js").HostedCommand} */ (command)));
});
