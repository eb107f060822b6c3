import { describe, expect, it } from "vitest";
import { textStream } from "../../__fixtures__/text-stream.js";
import { type RotationDocument, rotationLines } from "./rotation-lines.js";
import { createRotationProgress } from "./rotation-progress.js";

const complete: RotationDocument = {
  currentKeyId: "new",
  addedKeyId: "new",
  checked: 1200,
  reencrypted: 1200,
  suppressionLists: 0,
  failures: [],
  keysStillUsed: [],
  unusedKeys: ["old"],
  isComplete: true,
};
const textOf = (document: Partial<RotationDocument>, keyFile: string | null = "/data/encryption-keys") =>
  rotationLines({ ...complete, ...document }, keyFile).join("\n");

describe("the output at the end of a rotation", () => {
  it("says that the old key can be removed, and that the file must be copied again", () => {
    const text = textOf({});
    expect(text).toContain("Every credential is encrypted with the key new (1,200 credentials checked");
    expect(text).toContain("No longer used: old.");
    expect(text).toContain("copy of /data/encryption-keys");
  });

  it("says what to change in the environment if the keys are there", () => {
    expect(textOf({ addedKeyId: null }, null)).toContain("remove the entry from TITAN_SYNC_ENCRYPTION_KEYS");
    const nothing = textOf({ addedKeyId: null, reencrypted: 0, unusedKeys: [] }, null);
    expect(nothing).toContain("put it first in TITAN_SYNC_ENCRYPTION_KEYS");
  });

  it("says what is left, and what to do about it", () => {
    const failure = {
      companyId: "acme",
      credentialId: "one",
      code: "CRYPTO",
      message: 'The key "lost" is unknown.',
    };
    const text = textOf({ isComplete: false, failures: [failure], keysStillUsed: ["lost"] });
    expect(text).toContain('one: The key "lost" is unknown.');
    expect(text).toContain("Still in use: lost");
    expect(text).toContain("credential update");
    expect(textOf({ isComplete: false, keysStillUsed: ["old"], unusedKeys: [] })).toContain("Restart them");
  });
});

describe("the progress of a rotation", () => {
  function progressOn(stream: ReturnType<typeof textStream>) {
    let time = 0;
    const progress = createRotationProgress(stream, () => time);
    for (const checked of [1, 2, 3]) {
      time += 1500;
      progress.show({ checked, reencrypted: 1 });
    }
    progress.end();
    return stream.text();
  }

  it("is one line that is updated, on a terminal", () => {
    const text = progressOn(textStream({ terminal: true }));
    expect(text.split("\r")).toHaveLength(4);
    expect(text.endsWith("3 credentials checked, 1 re-encrypted\n")).toBe(true);
  });

  it("is an occasional line elsewhere", () => {
    expect(progressOn(textStream())).toBe("2 credentials checked, 1 re-encrypted\n");
  });
});
