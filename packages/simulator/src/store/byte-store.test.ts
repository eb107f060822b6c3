import { expect, it } from "vitest";
import { createByteStore } from "./byte-store.js";

const texts = Array.from({ length: 300 }, (_, index) => `${index} é ${"x".repeat((index * 7919) % 20_000)}`);

it.each([
  ["in memory", Number.POSITIVE_INFINITY],
  ["in its file, but for the last block", 0],
  ["in memory and in its file", 1_000_000],
])("returns every text as it was given, %s", (_, inMemory) => {
  const store = createByteStore(inMemory);
  const kept = [...texts, "y".repeat(3_000_000), ""].map((text) => ({ text, kept: store.keep(text) }));
  for (const { text, kept: place } of kept.reverse()) {
    expect(Buffer.from(store.read(place)).toString("utf8") === text).toBe(true);
  }
});
