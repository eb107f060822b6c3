import type { KeyRotationResult } from "@titan-sync/core";
import { describe, expect, it } from "vitest";
import { rotateToTheEnd } from "./rotate-to-the-end.js";

const done: KeyRotationResult = {
  currentKeyId: "new",
  checked: 3,
  reencrypted: 0,
  suppressionLists: 0,
  failures: [],
  keysStillUsed: [],
};
const busy = {
  companyId: "acme",
  credentialId: "one",
  code: "CONFLICT",
  message: "It changes all the time.",
};
const lost = { companyId: "acme", credentialId: "two", code: "CRYPTO", message: "The key is unknown." };

/** @param results - of one call after the other; the last one again and again. */
async function rotateWith(results: readonly Partial<KeyRotationResult>[], timeoutMs = 60_000) {
  let calls = 0;
  const result = await rotateToTheEnd({
    keys: {
      async rotate() {
        calls += 1;
        return { ...done, ...results[Math.min(calls, results.length) - 1] };
      },
    },
    signal: new AbortController().signal,
    onProgress: () => undefined,
    pauseMs: 1,
    timeoutMs,
  });
  return { calls, ...result };
}

describe("a complete rotation", () => {
  it("is one call if that is enough", async () => {
    expect(await rotateWith([{ reencrypted: 3 }])).toMatchObject({ calls: 1, reencrypted: 3 });
  });

  it("repeats what a running program encrypts with the previous key, and what changes meanwhile", async () => {
    const results = [
      { reencrypted: 2, keysStillUsed: ["old"] },
      { reencrypted: 1, keysStillUsed: ["old"], failures: [busy] },
      { reencrypted: 1 },
    ];
    expect(await rotateWith(results)).toMatchObject({ calls: 3, reencrypted: 4, keysStillUsed: [] });
  });

  it("ends at once if something cannot be decrypted: another call could not decrypt it either", async () => {
    const result = await rotateWith([{ failures: [busy, lost], keysStillUsed: ["lost"] }]);
    expect(result).toMatchObject({ calls: 1, failures: [busy, lost] });
  });

  it("does not wait forever", async () => {
    expect(await rotateWith([{ keysStillUsed: ["old"] }], 0)).toMatchObject({
      calls: 1,
      keysStillUsed: ["old"],
    });
  });
});
