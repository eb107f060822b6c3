import { describe, expect, test } from "vitest";
import { runCli } from "./cli.js";

function streams() {
  let output = "";
  let errors = "";
  let onOutput = (_output: string): void => undefined;
  return {
    out: (text: string) => {
      output += text;
      onOutput(output);
    },
    error: (text: string) => {
      errors += text;
    },
    output: () => output,
    errors: () => errors,
    until: (pattern: RegExp) =>
      new Promise<string>((resolve) => {
        onOutput = (text) => {
          if (pattern.test(text)) resolve(text);
        };
      }),
  };
}

const small = ["--customers", "2", "--invoices", "3"];

describe("titan-sync-simulator", () => {
  test("prints its address and credentials, serves, and ends when interrupted", async () => {
    const captured = streams();
    const interrupted = new AbortController();
    const printed = captured.until(/app key .*\n/);
    const exit = runCli([...small, "--seed", "5"], captured, interrupted.signal);
    const text = await printed;
    const value = (label: string) => new RegExp(`^${label} +(\\S+)$`, "m").exec(text)?.[1] ?? "";
    const answer = await fetch(`${value("url")}/connect/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: value("client id"),
        client_secret: value("client secret"),
      }),
    });
    expect(answer.status).toBe(200);
    expect(value("app key")).toMatch(/^ak1\./);
    expect(value("tenant id")).toBe("1001");
    interrupted.abort();
    expect(await exit).toBe(0);
    await expect(fetch(value("url"))).rejects.toThrow("fetch failed");
  });

  test("refuses unknown flags, and values that are not numbers", async () => {
    for (const wrong of [["--color", "red"], ["--seed", "x"], ["extra"]]) {
      const captured = streams();
      expect(await runCli(wrong, captured, AbortSignal.abort())).toBe(2);
      expect(captured.errors()).toMatch(/^error: /);
    }
  });

  test("says what is wrong if it cannot serve", async () => {
    const captured = streams();
    expect(await runCli([...small, "--export-page-size", "0"], captured, AbortSignal.abort())).toBe(1);
    expect(captured.errors()).toBe(
      "titan-sync-simulator: exportPageSize must be a number of at least 1, not 0.\n",
    );
  });

  test("explains its flags", async () => {
    const captured = streams();
    expect(await runCli(["--help"], captured, AbortSignal.abort())).toBe(0);
    for (const flag of [
      "port",
      "seed",
      "customers",
      "invoices",
      "export-page-size",
      "latency",
      "rate-limit",
    ]) {
      expect(captured.output()).toContain(`--${flag}`);
    }
  });
});
