import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTokenAnswer } from "./token-answer.js";

const good = { access_token: "token-1", token_type: "Bearer", expires_in: 900 };
const read = (body: unknown) => readTokenAnswer(JSON.stringify(body));
const bodyOf = (body: unknown): unknown => JSON.parse(read(body).body);

describe("readTokenAnswer", () => {
  it("refused a response with null in a field that may be missing", () => {
    const optional = fc.constantFrom("token_type", "scope", "refresh_token", "id_token", "expires_in");
    fc.assert(
      fc.property(fc.uniqueArray(optional), fc.uniqueArray(optional), (nulls, absent) => {
        const body: Record<string, unknown> = { ...good, scope: "x" };
        for (const field of nulls) body[field] = null;
        for (const field of absent) delete body[field];
        const isKnown = !nulls.includes("expires_in") && !absent.includes("expires_in");
        expect(read(body).fault).toBeNull();
        expect(bodyOf(body)).toEqual({
          access_token: "token-1",
          token_type: "Bearer",
          ...(isKnown ? { expires_in: 900 } : {}),
        });
      }),
    );
  });

  it.each([
    ["900", 900],
    [900.5, 900.5],
    [0, undefined],
    [-1, undefined],
    ["soon", undefined],
    ["", undefined],
    [{}, undefined],
  ])("reads a lifetime of %j seconds", (expires_in, seconds) => {
    expect(bodyOf({ ...good, expires_in })).toMatchObject(
      seconds === undefined ? {} : { expires_in: seconds },
    );
    expect(Object.hasOwn(bodyOf({ ...good, expires_in }) as object, "expires_in")).toBe(
      seconds !== undefined,
    );
  });

  it.each([
    ["<html>", "the body is not JSON"],
    ["[]", "the body is not JSON"],
    ['"token"', "the body is not JSON"],
    ["{}", "access_token is missing"],
    ['{"access_token":null}', "access_token is missing"],
    ['{"access_token":""}', "access_token is missing"],
    ['{"access_token":"t","token_type":"DPoP"}', "token_type is DPoP, not Bearer"],
    ['{"access_token":"t","token_type":5}', "token_type is something else, not Bearer"],
    [
      '{"error":"invalid_client","error_description":"kanari"}',
      "the endpoint refused the request (invalid_client)",
    ],
  ])("says why there is no token in %s", (text, fault) => {
    expect(readTokenAnswer(text).fault).toBe(fault);
    expect(readTokenAnswer(text).body).not.toContain("kanari");
  });

  it("recognizes an error code by its form, so that a quoted secret is not one", () => {
    expect(read({ error: "invalid_client" }).error).toBe("invalid_client");
    expect(read({ error: "cs1.kanari&secret=1" }).error).toBeNull();
    expect(read({ error: { code: "x" } }).error).toBeNull();
  });
});
