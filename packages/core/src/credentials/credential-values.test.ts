import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { ValidationError } from "../errors.js";
import { type CredentialInput, checkCredentialInput } from "./credential-values.js";

const good: CredentialInput = {
  companyId: "acme",
  tenantId: "1001",
  environment: "production",
  clientId: "cid.abcdefghijklmnopqrstuvwxy",
  clientSecret: "cs1.abcdefghijklmnopqrstuvwxyz0123456789",
  appKey: "ak1.abcdefghijklmnopqrstuvwx",
};

function issuesOf(input: Partial<Record<keyof CredentialInput, unknown>>): readonly string[] {
  try {
    checkCredentialInput({ ...good, ...input } as CredentialInput);
  } catch (error) {
    if (error instanceof ValidationError) return error.issues;
    throw error;
  }
  return [];
}

describe("checkCredentialInput", () => {
  it("accepts valid values unchanged, without a warning", () => {
    const { values, warnings } = checkCredentialInput(good);

    expect(warnings).toEqual([]);
    expect({
      ...values,
      clientId: values.clientId.reveal(),
      clientSecret: values.clientSecret.reveal(),
      appKey: values.appKey.reveal(),
    }).toEqual(good);
  });

  it("returns values that cannot change and print no secret", () => {
    const { values } = checkCredentialInput(good);

    expect(Object.isFrozen(values)).toBe(true);
    for (const text of [JSON.stringify(values), inspect(values, { depth: 5, showHidden: true })]) {
      expect(text).toContain("[redacted]");
      expect(text).not.toContain("abcdefghij");
    }
  });

  it("removes whitespace around each value and says so", () => {
    const { values, warnings } = checkCredentialInput({
      ...good,
      companyId: "acme",
      tenantId: " 1001",
      clientSecret: `\t${good.clientSecret}\r\n`,
      appKey: `\u00a0${good.appKey}`,
    });

    expect(values.tenantId).toBe("1001");
    expect(values.clientSecret.reveal()).toBe(good.clientSecret);
    expect(values.appKey.reveal()).toBe(good.appKey);
    expect(warnings).toEqual([
      "Whitespace around the tenant id was removed.",
      "Whitespace around the client secret was removed.",
      "Whitespace around the app key was removed.",
    ]);
  });

  it("warns about an unknown prefix, and accepts the value", () => {
    const { values, warnings } = checkCredentialInput({ ...good, appKey: "ak9.something-else" });

    expect(values.appKey.reveal()).toBe("ak9.something-else");
    expect(warnings).toEqual(['The app key does not begin with "ak1.", as usual.']);
  });

  it("accepts the second form of a client secret without a warning", () => {
    expect(checkCredentialInput({ ...good, clientSecret: "cs2.abcdefghijkl" }).warnings).toEqual([]);
  });

  it("warns about a space inside a value", () => {
    expect(checkCredentialInput({ ...good, clientSecret: "cs1.abc def" }).warnings).toEqual([
      "There is a space inside the client secret.",
    ]);
  });

  it("lists all problems at once", () => {
    expect(
      issuesOf({ companyId: "  ", tenantId: "12a", environment: "test", clientId: "", appKey: undefined }),
    ).toEqual([
      "companyId: the company id is empty",
      "clientId: the client id is empty",
      "appKey: the app key must be text",
      "tenantId: the tenant id must contain only digits",
      'environment: must be "integration" or "production"',
    ]);
  });

  it.each(["-1", "1.0", "1e3", "１２", "12345678901234567890"])("refuses %j as a tenant id", (tenantId) => {
    expect(issuesOf({ tenantId })).toEqual(["tenantId: the tenant id must contain only digits"]);
  });

  it("refuses a client id and a secret that are swapped", () => {
    expect(issuesOf({ clientId: good.clientSecret, clientSecret: good.clientId })).toEqual([
      "clientId, clientSecret: the client id and the client secret look swapped",
    ]);
  });

  it("refuses characters that cannot be sent", () => {
    expect(issuesOf({ clientSecret: "cs1.abc\u200bdef", appKey: "ak1.abc\ndef" })).toEqual([
      "clientSecret: the client secret contains characters that are not printable ASCII",
      "appKey: the app key contains characters that are not printable ASCII",
    ]);
  });

  it("mistook quotation marks that were copied with the secret for part of it", () => {
    expect(issuesOf({ clientSecret: `"${good.clientSecret}"`, appKey: `'${good.appKey}'` })).toEqual([
      "clientSecret: the client secret is in quotation marks",
      "appKey: the app key is in quotation marks",
    ]);
  });

  it.each([null, undefined, "text", []])("refuses %j instead of an object of values", (input) => {
    expect(() => checkCredentialInput(input as unknown as CredentialInput)).toThrow(ValidationError);
  });

  it("repeats no value in its messages", () => {
    const canary = "kanari-4711";
    const error = (() => {
      try {
        checkCredentialInput({
          companyId: "",
          tenantId: canary,
          environment: canary as "production",
          clientId: `cs1.${canary}`,
          clientSecret: `cid.${canary}`,
          appKey: `\u200b${canary}`,
        });
      } catch (thrown) {
        return thrown;
      }
      return null;
    })();

    expect(error).toBeInstanceOf(ValidationError);
    expect(`${inspect(error, { depth: 9 })}${JSON.stringify(error)}`).not.toContain(canary);
  });
});
