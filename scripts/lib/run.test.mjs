import { expect, it } from "vitest";
import { run } from "./run.mjs";

/** @param {string} program */
const runNode = (program) => run(process.execPath, ["--eval", program], { output: "capture" });

it("captures both output streams and the exit code", async () => {
  const result = await runNode(
    "process.stdout.write('out '); process.stderr.write('err'); process.exitCode = 3;",
  );
  expect(result.exitCode).toBe(3);
  expect(result.output.split(" ").sort()).toEqual(["err", "out"].sort());
});

it("reports a signal that ended the program the way shells do", async () => {
  expect((await runNode("process.kill(process.pid, 'SIGKILL')")).exitCode).toBe(137);
});

it("stops a program that exceeds its time limit", async () => {
  const endless = ["--eval", "setInterval(() => undefined, 1000)"];
  const result = await run(process.execPath, endless, { output: "capture", limitMs: 50 });
  expect(result.exitCode).toBe(143);
});

it("gives the program no input to wait for", async () => {
  const reading = "process.stdin.on('end', () => console.log('end')).resume();";
  expect((await runNode(reading)).output).toBe("end\n");
});

it("puts the workspace's tools first on the path", async () => {
  const { output } = await runNode("console.log(process.env.PATH.split(require('path').delimiter)[0])");
  expect(output.trim()).toMatch(/node_modules[\\/]\.bin$/);
});

it("rejects if the program does not exist", async () => {
  await expect(run("titan-sync-no-such-program", [])).rejects.toThrow("ENOENT");
});
