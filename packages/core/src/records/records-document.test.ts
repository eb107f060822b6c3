import { describe, expect, it } from "vitest";
import { exampleMistakes, renderRecordsDocument } from "./__fixtures__/records-document.js";

describe("docs/records.md", () => {
  it("matches the tables in the code: scripts/generate-records-doc.mjs regenerates it", async () => {
    await expect(`${renderRecordsDocument()}\n`).toMatchFileSnapshot("../../../../docs/records.md");
  });

  it("shows a valid mapping", () => {
    expect(exampleMistakes()).toEqual([]);
  });
});
