import { describe, expect, it } from "vitest";
import { testContext } from "../__fixtures__/context.js";
import { inputOf } from "../__fixtures__/text-stream.js";
import { readChangedSecrets, readCredentialSecrets } from "./credential-secrets.js";

const secrets = { clientSecret: "cs1.abc", appKey: "ak1.def" };

describe("the secrets of a credential", () => {
  it("are read from standard input if requested", async () => {
    const context = testContext({ stdin: inputOf(JSON.stringify(secrets)) });
    expect(await readCredentialSecrets(context, true)).toEqual(secrets);
  });

  it.each([
    ["nothing", "", "it is empty"],
    ["no JSON", `{"clientSecret":"cs1.abc"`, "it is not JSON"],
    ["a missing field", `{"clientSecret":"cs1.abc"}`, "wrong or missing: appKey"],
    ["another field", `{"clientSecret":"cs1.abc","appKey":"ak1.def","tenant":"1"}`, "unknown fields"],
    ["no object", `["cs1.abc"]`, "no object"],
    ["far too much", `"${"x".repeat(70_000)}"`, "longer than 64 kB"],
  ])("are refused when standard input holds %s, without repeating it", async (_, text, complaint) => {
    const reading = readCredentialSecrets(testContext({ stdin: inputOf(text) }), true);
    await expect(reading).rejects.toThrow(complaint);
    await expect(reading).rejects.not.toThrow("cs1.abc");
  });

  it("otherwise come from the environment, and standard input is not read", async () => {
    const stdin = inputOf("something else");
    const environment = { TITAN_SYNC_CLIENT_SECRET: " cs1.abc\n", TITAN_SYNC_APP_KEY: "ak1.def" };
    expect(await readCredentialSecrets(testContext({ stdin, environment }), false)).toEqual(secrets);
    expect(stdin.read()?.toString()).toBe("something else");
  });

  it("are not prompted for if nobody could answer", async () => {
    const context = testContext({ environment: { TITAN_SYNC_CLIENT_SECRET: "cs1.abc" } });
    await expect(readCredentialSecrets(context, false)).rejects.toMatchObject({
      name: "UsageError",
      message: expect.stringContaining("app key is missing"),
      hint: expect.stringContaining("TITAN_SYNC_APP_KEY"),
    });
  });
});

describe("the new secrets of a credential", () => {
  const notes: string[] = [];
  const options = { fromStandardInput: false, mayAsk: true, note: (text: string) => void notes.push(text) };

  it("may be a single one on standard input", async () => {
    const context = testContext({ stdin: inputOf(`{"appKey":"ak1.def"}`) });
    expect(await readChangedSecrets(context, { ...options, fromStandardInput: true })).toEqual({
      appKey: "ak1.def",
    });
  });

  it("are refused if standard input names none", async () => {
    const reading = readChangedSecrets(testContext({ stdin: inputOf("{}") }), {
      ...options,
      fromStandardInput: true,
    });
    await expect(reading).rejects.toMatchObject({ name: "UsageError" });
  });

  it("otherwise come from the environment, which is reported", async () => {
    const context = testContext({ environment: { TITAN_SYNC_CLIENT_SECRET: "cs1.abc" } });
    expect(await readChangedSecrets(context, options)).toEqual({ clientSecret: "cs1.abc" });
    expect(notes).toEqual(["Using the new client secret from TITAN_SYNC_CLIENT_SECRET."]);
  });

  it("do not change if none are given", async () => {
    expect(await readChangedSecrets(testContext(), options)).toEqual({});
  });
});
