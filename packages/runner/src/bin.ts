#!/usr/bin/env node
import process from "node:process";
import { keepHeapSmall } from "./program/keep-heap-small.js";

// Before everything else is loaded, which makes the space of new objects grow.
keepHeapSmall();
const { exitCodes } = await import("./program/exit-codes.js");
const { runTitanSync } = await import("./run-titan-sync.js");

/** How long a program that was stopped may need to end by itself. */
const lingerMs = 500;

const stopper = new AbortController();

/** The first signal asks the command to end gracefully; the second does not wait for it. */
function stop(): void {
  if (stopper.signal.aborted) process.exit(exitCodes.interrupted);
  stopper.abort();
}
process.on("SIGINT", stop);
process.on("SIGTERM", stop);

/** Without a listener the signal ends the process, as it does when its terminal is closed. */
function onReload(listener: () => void): () => void {
  process.on("SIGHUP", listener);
  return () => void process.off("SIGHUP", listener);
}

// A reader that has seen enough, such as "head", ends the command gracefully.
process.stdout.on("error", () => stopper.abort());
// There is nobody left to notify.
process.stderr.on("error", () => undefined);

process.exitCode = await runTitanSync({
  argv: process.argv.slice(2),
  environment: process.env,
  workingDirectory: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: stopper.signal,
  onReload,
});
// What was stopped ends, even if something that hangs would keep the process alive.
if (stopper.signal.aborted) setTimeout(() => process.exit(), lingerMs).unref();
