import { describe, expect, it } from "vitest";
import { exampleMistakes, renderRecordsDocument } from "./__fixtures__/records-document.js";

describe("docs/records.md", () => {
  it("is what the tables of the code say: scripts/generate-records-doc.mjs writes it again", async () => {
    await expect(`${renderRecordsDocument()}\n`).toMatchFileSnapshot("../../../../docs/records.md");
  });

  it("shows a mapping that is accepted", () => {
    expect(exampleMistakes()).toEqual([]);
  });
});
