import { describe, expect, it } from "vitest";
import { exampleMistakes, renderRecordsDocument } from "./__fixtures__/records-document.js";
import { recordColumns } from "./column-names.js";
import { fieldSources } from "./field-sources.js";

describe("docs/records.md", () => {
  it("is what the tables of the code say: scripts/generate-records-doc.mjs writes it anew", async () => {
    await expect(`${renderRecordsDocument()}\n`).toMatchFileSnapshot("../../../../docs/records.md");
  });

  it("shows a mapping that is accepted", () => {
    expect(exampleMistakes()).toEqual([]);
  });
});

describe("The table of sources", () => {
  it.each(["member", "invoice"] as const)("has every column of a %s record, in order", (type) => {
    expect(Object.keys(fieldSources[type]).toSorted()).toEqual([...recordColumns[type]].toSorted());
  });
});
