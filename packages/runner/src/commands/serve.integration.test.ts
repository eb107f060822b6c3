import { expect, it } from "vitest";
import { connectedProgram } from "../__fixtures__/connected-program.js";

it("does not listen where others reach it, because there is no sign-in", async () => {
  const { run } = await connectedProgram({ embedded: true });
  for (const host of ["0.0.0.0", "::", "192.168.1.10", "127.0.0.1.example.com"]) {
    const { exitCode, stdout, stderr } = await run("serve", "--host", host, "--port", "0");
    expect({ host, exitCode, stdout }).toEqual({ host, exitCode: 2, stdout: "" });
    expect(stderr).toContain("it has no sign-in yet");
  }
});

it.each([["serve"], ["worker"], ["schedule", "run", "--credential", "x"]])(
  "is refused on PostgreSQL, which has no job queue: %s",
  async (...command) => {
    const { run } = await connectedProgram();
    const { exitCode, stdout, stderr } = await run(...command);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain("Syncs cannot be queued in PostgreSQL yet");
  },
);
